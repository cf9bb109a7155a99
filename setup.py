# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Install dcat_ros: programs, launch files, configuration and shipped bundles."""

from pathlib import Path

from setuptools import find_packages, setup

NAME = 'dcat_ros'

PROGRAMS = {
    'inference': 'nodes.inference.node',
    'recorder': 'nodes.recorder.node',
    'trainer': 'nodes.trainer.node',
    'simulate': 'nodes.simulate',
    'replay': 'nodes.replay',
    'demo': 'demo.program',
    'monitor': 'nodes.monitor.node',
    'import_utd_mhad': 'commands.import_utd_mhad',
    'import_esc50': 'commands.import_esc50',
    'import_sp_sw_har': 'commands.import_sp_sw_har',
    'simulate_bags': 'commands.simulate_bags',
    'train': 'commands.train',
    'evaluate': 'commands.evaluate',
    'fetch_pose': 'commands.fetch_pose',
    'recognise': 'commands.recognise',
    'video': 'nodes.video',
    'label': 'nodes.label',
    'check': 'nodes.check',
    'annotate': 'commands.annotate',
    'recover': 'commands.recover',
    'bag': 'commands.bag',
    'dcat': 'commands.dcat',
}


def installed(*folders: str) -> list[tuple[str, list[str]]]:
    """Return data_files that keep each folder's layout under share/dcat_ros."""
    files = (
        path for folder in folders for path in sorted(Path(folder).rglob('*'))
        if path.is_file() and path.parent.name != '__pycache__'
    )
    return [(f'share/{NAME}/{path.parent}', [str(path)]) for path in files]


setup(
    name=NAME,
    version='0.1.0',
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    package_data={f'{NAME}.pages': ['templates/*']},
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
        ('bin', ['scripts/dcat']),
        *installed('launch', 'config', 'models', 'examples', 'resource/negatives'),
    ],
    install_requires=[
        'backports.zstd;python_version<"3.14"',
        'jinja2',
        'lz4',
        'matplotlib',
        'numpy',
        'onnxruntime>=1.18',  # older ones do not read the shipped models
        'opencv-python-headless<5',
        'pyyaml',
        'rich',
        'rosbags',
        'rosbags-image',  # converts images where there is no cv_bridge
        'scipy',
        'setuptools',
    ],
    extras_require={
        'train': [
            'lightning', 'onnx', 'onnxscript', 'pandas', 'scikit-learn', 'statsmodels', 'torch',
            'torchmetrics',
        ],
        'pose': ['ai-edge-litert>=2.3'],
        'test': [
            'hypothesis', 'mcap', 'mypy', 'pytest', 'pytest-xdist', 'ruff', 'types-PyYAML',
            # What ament_flake8 and ament_pep257 run, where they are installed.
            'flake8', 'flake8-blind-except', 'flake8-builtins', 'flake8-class-newline',
            'flake8-comprehensions', 'flake8-deprecated', 'flake8-docstrings',
            'flake8-import-order', 'flake8-quotes', 'pydocstyle',
        ],
    },
    zip_safe=True,
    maintainer='dcat_ros maintainers',
    maintainer_email='maintainers@example.org',
    description='Human activity recognition from one sensor, trained across sensors by D-CAT.',
    license='Apache-2.0',
    entry_points={
        'console_scripts': [f'{name} = {NAME}.{module}:main' for name, module in PROGRAMS.items()],
        'ament_copyright.license': [f'apache2_spdx = {NAME}.licence:APACHE2'],
    },
)
