# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What works where no ROS package is installed: pip's installation with the extra `train`.

The environment is real: dcat_ros is installed by pip, and what it requires is linked from the
environment of the tests. Nothing else is there, so that a requirement that setup.py lacks shows.
"""

from importlib.metadata import Distribution, distribution, PackageNotFoundError
import json
from pathlib import Path
import shutil
import subprocess
import sys
import venv

import numpy as np
from packaging.requirements import Requirement
import pytest
from repository import ROOT
from scipy.io import savemat, wavfile
import yaml

SOURCES = (
    'dcat_ros', 'config', 'models', 'launch', 'examples', 'scripts', 'resource', 'setup.py',
    'setup.cfg', 'pyproject.toml', 'package.xml',
)
ROS_PACKAGES = (
    'ament_index_python', 'audio_common_msgs', 'cv_bridge', 'launch', 'message_filters', 'rclpy',
    'hri_msgs', 'sensor_msgs', 'sensor_msgs_py', 'std_msgs', 'vision_msgs',
)
RECIPE = """
name: {name}
modality: imu
window: {{duration: 1.0, rate: {rate}, stride: 0.5, max_gap: 0.5}}
fit: {{epochs: 1, batch: 32}}
protocol: {{seeds: 1, folds: 3}}
card: {{title: t, data: d, bags: b, licence: l, intended_use: i, limits: l}}
"""


class Environment:
    """A virtual environment with pip, in which commands run as if it were the only one."""

    def __init__(self, path):
        venv.create(path, symlinks=True)
        self.path = path
        self.home = path / 'home'
        self.home.mkdir()
        self._site_packages, = path.glob('lib/python*/site-packages')
        self._linked = set()
        for name in ('pip', 'setuptools', 'wheel'):
            if name != 'wheel' or any(True for _ in Distribution.discover(name=name)):
                self.link(Requirement(name))

    def link(self, requirement):
        """Install a distribution and what it requires by links to the running environment."""
        key = requirement.name, *sorted(requirement.extras)
        if key in self._linked:
            return
        self._linked.add(key)
        try:
            found = distribution(requirement.name)
        except PackageNotFoundError:
            pytest.skip(f'{requirement.name} was not installed by pip')
        for name in {file.parts[0] for file in found.files} - {'..', '__pycache__'}:
            link = self._site_packages / name
            if not link.exists():
                link.symlink_to(found.locate_file(name))
        self._link_all(found.requires, requirement.extras)

    def _link_all(self, requirements, extras):
        for requirement in map(Requirement, requirements or ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({'extra': x}) for x in ('', *extras)):
                self.link(requirement)

    def install(self, source, extra):
        self.run('python', '-m', 'pip', 'install', '--no-deps', '--no-build-isolation',
                 '--disable-pip-version-check', str(source))
        metadata, = self._site_packages.glob('dcat_ros-*.dist-info')
        self._link_all(Distribution.at(metadata).requires, [extra])

    def run(self, *command, status=0):
        """Run a command and return what it printed."""
        ended = subprocess.run(
            command, cwd=self.home, text=True, capture_output=True, check=False, env={
                'PATH': f'{self.path / "bin"}:/usr/bin:/bin', 'HOME': str(self.home),
                'OMP_NUM_THREADS': '1',
            })
        output = ended.stdout + ended.stderr
        assert ended.returncode == status, output
        return output


@pytest.fixture(scope='module')
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp('without_ros')
    source = folder / 'source'
    source.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    environment = Environment(folder / 'environment')
    environment.install(source, 'train')
    shutil.rmtree(source)
    return environment


@pytest.fixture(scope='module')
def bags(environment):
    """Simulate three persons with an IMU and a camera."""
    environment.run(
        'dcat', 'simulate_bags', 'bags', '--subjects', '3', '--duration', '10',
        '--activities', 'walk', 'idle', '--sensors', 'imu', 'camera')
    return environment.home / 'bags'


def test_no_ros_package_is_there(environment):
    for name in ROS_PACKAGES:
        assert 'ModuleNotFoundError' in environment.run('python', '-c', f'import {name}', status=1)


def test_dcat_lists_its_programs(environment):
    assert '\n  import_utd_mhad\n' in environment.run('dcat', '--help')


@pytest.mark.parametrize('name', ['inference', 'recorder', 'trainer', 'monitor', 'demo'])
def test_a_program_that_needs_ros_says_so_in_one_sentence(environment, name):
    output = environment.run('dcat', name, status=1)
    assert output.startswith(f'dcat: {name} needs ') and output.count('\n') == 1
    assert 'not installed: docs/install.md' in output


def test_a_shipped_bundle_is_found_by_name_and_runs(environment):
    assert environment.run('python', '-c', """if True:
        import numpy as np
        from dcat_ros.bundles import Bundle, find_bundle
        bundle = Bundle(find_bundle('camera_sim'))
        window = np.zeros((bundle.manifest.window.size, 36, 48), np.float32)
        print(bundle.run(bundle.stream().modality.features(window)).shape)
    """) == '(9,)\n'


def test_camera_bags_train_a_bundle_by_a_shipped_recipe(environment, bags):
    environment.run(
        'dcat', 'train', 'camera', '--bags', str(bags), '--out', 'trained', '--seeds', '1',
        '--budget', '0.05')
    names = {path.name for path in (environment.home / 'trained' / 'camera').iterdir()}
    assert {'manifest.yaml', 'model.onnx', 'README.md'} <= names


def test_a_study_is_evaluated_and_reported(environment, bags):
    for name, rate in (('fast', 50), ('slow', 25)):
        recipe = RECIPE.format(name=name, rate=rate)
        (environment.home / f'{name}.yaml').write_text(recipe)
    (environment.home / 'study.yaml').write_text(yaml.safe_dump({
        'name': 'study', 'title': 'Does it run?', 'rows': ['unimodal', 'source'], 'seeds': 1,
        'directions': [{'source': 'fast.yaml', 'target': 'slow.yaml'}],
        'splits': {'out_of_distribution': {'train': ['sim1000', 'sim1001'], 'test': ['sim1002']}},
    }))
    environment.run('dcat', 'evaluate', 'study.yaml', '--bags', str(bags), '--out', 'study')
    results = json.loads((environment.home / 'study' / 'results.json').read_text())
    assert (results['finished'], results['failures']) == (2, [])


def test_bags_are_reported_on_annotated_and_recovered(environment, bags):
    bag = bags / 'sim1000'
    assert 'camera' in environment.run('dcat', 'bag', 'report', str(bag))
    labels = environment.run('dcat', 'annotate', str(bag))
    assert labels.startswith('start,end,label')
    (environment.home / 'labels.csv').write_text(labels.replace('walk', 'stroll'))
    assert 'stroll' in environment.run('dcat', 'annotate', str(bag), 'labels.csv')
    environment.run('dcat', 'annotate', str(bag), '--revert')
    assert 'whole' in environment.run('dcat', 'recover', str(bag))


def test_data_sets_are_imported(environment):
    source = environment.home / 'data'
    for name in ('Inertial', 'Depth', 'audio', 'meta'):
        (source / name).mkdir(parents=True)
    savemat(source / 'Inertial' / 'a1_s1_t1_inertial.mat', {'d_iner': np.ones((50, 6))})
    depth = np.full((80, 60, 19), 2000, np.uint16)
    savemat(source / 'Depth' / 'a1_s1_t1_depth.mat', {'d_depth': depth})
    wavfile.write(source / 'audio' / '1-10-A-22.wav', 44100, np.zeros(44100, np.int16))
    (source / 'meta' / 'esc50.csv').write_text(
        'filename,fold,category,src_file\n1-10-A-22.wav,1,clapping,10\n')
    (source / 's01').mkdir()
    (source / 's01' / 's01_01_sw.csv').write_text(
        'x_acc,y_acc,z_acc,x_gyro,y_gyro,z_gyro,timestamp,label\n'
        '0,0,9.8,0,0,0,1657533977810,SEATED\n0,0,9.8,0,0,0,1657533977820,SEATED\n')
    assert 's1: 1 clips' in environment.run('dcat', 'import_utd_mhad', 'data', 'utd')
    assert 'fold1: 1 clips' in environment.run('dcat', 'import_esc50', 'data', 'esc50')
    watch = environment.run('dcat', 'import_sp_sw_har', 'data', 'watch', '--sensor', 'watch')
    assert 's01: 1 clips' in watch


@pytest.mark.parametrize('place', ['target', 'clone'])
def test_shipped_files_are_found_in_other_places_too(environment, place, tmp_path):
    installed, = environment.path.glob('lib/python*/site-packages/dcat_ros')
    (tmp_path / 'dcat_ros').symlink_to(installed)
    share = tmp_path / 'share' / 'dcat_ros' if place == 'target' else tmp_path
    share.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / 'package.xml', share)
    assert environment.run('env', f'PYTHONPATH={tmp_path}', 'python', '-c', (
        'from dcat_ros.share import share_directory; print(share_directory())'
    )) == f'{share}\n'
