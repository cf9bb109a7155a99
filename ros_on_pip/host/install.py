# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The steps that install everything into `.venv`."""

from collections.abc import Sequence
from functools import partial
import importlib.metadata
import json
from pathlib import Path
import shutil
import subprocess
import sys

from .paths import BUILD, LOGS, PYTHON, ROOT, STAND_INS, STATE, VENV
from .steps import call, digest, files_under, invalidate, step, was_interrupted

INTERFACES = [STAND_INS / name for name in ('audio_common_msgs', 'hri_msgs', 'vision_msgs')]
COLCON = STAND_INS / 'colcon.txt'
CONSTRAINTS = STAND_INS / 'constraints.txt'
LIBRARIES = [STAND_INS / name for name in ('cv_bridge', 'message_filters', 'sensor_msgs_py')]
READ_REQUIREMENTS = (
    'import setuptools, json; from distutils.core import run_setup; '
    'd = run_setup("setup.py", stop_after="init"); '
    'print(json.dumps({"": d.install_requires, **d.extras_require}))')


class Installation:
    """The installation in `.venv`.

    :param ros_distro: the sourced ROS 2; None on a host without ROS
    :param env: environment variables of the commands
    """

    def __init__(self, ros_distro: str | None, env: dict[str, str]):
        self.ros_distro = ros_distro
        self.env = env
        # Resolve links: python3, python3.11 and the Python of .venv are then the same path.
        self.python = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
        self.base = digest(str(self.python), sys.version, ros_distro or '', str(ROOT))

    def install(self, extras: Sequence[str]) -> None:
        """Run each step whose inputs have changed."""
        wheels = [] if self.ros_distro else [STAND_INS / 'wheels.txt']
        libraries = [] if self.ros_distro else LIBRARIES
        if was_interrupted('tools', 'requirements'):
            # pip considers a package installed even if it was interrupted in it.
            print('An earlier installation was interrupted: starting again.', flush=True)
            invalidate('environment')
        step('environment', 'Creating .venv', self.base, self._environment)
        step('tools', f'Installing {"" if self.ros_distro else "ROS 2 and "}colcon',
             digest(self.base, files=[COLCON, *wheels]), lambda: self._tools([COLCON, *wheels]))
        for extra in ('', *extras):
            step(f'requirements{extra and "-"}{extra}',
                 f'Installing requirements of {f"the extra {extra}" if extra else "dcat_ros"}',
                 digest(self.base, files=[ROOT / 'setup.py', CONSTRAINTS]),
                 partial(self._requirements, extra))
        if self.ros_distro is None:
            sources = [*files_under(*INTERFACES), STAND_INS / 'wheels.cmake', *wheels]
            step('interfaces', 'Building vision_msgs, hri_msgs and audio_common_msgs',
                 digest(self.base, files=sources), self._interfaces)
        step('programs', 'Building dcat_ros', self._programs_key(libraries),
             lambda: self._programs([*libraries, ROOT]))
        if 'pose' in extras:
            self._weights()

    def _weights(self) -> None:
        """Fetch the weights of pose; without them all else works, so a failure is only told."""
        fetched = subprocess.run(
            [PYTHON, '-m', 'dcat_ros.commands.fetch_pose'], cwd=ROOT, env=self.env,
            capture_output=True, text=True)
        if fetched.returncode:
            print(f'{fetched.stderr.strip()}\nWithout the weights of pose no colour camera works; '
                  '`dcat fetch_pose` fetches them later.', flush=True)

    def _programs_key(self, libraries: Sequence[Path]) -> str:
        # The build links to the sources: their content may change, but new data files may not.
        data = (ROOT / name for name in ('config', 'launch', 'models', 'scripts'))
        return digest(
            self.base,
            files=[package / name for package in (*libraries, ROOT)
                   for name in ('package.xml', 'setup.cfg', 'setup.py')],
            names=files_under(*data))

    def _environment(self) -> None:
        shutil.rmtree(VENV, ignore_errors=True)
        options = ['--system-site-packages'] if self.ros_distro else []
        subprocess.run([self.python, '-m', 'venv', *options, VENV], check=True, env={
            key: value for key, value in self.env.items() if key != 'TMPDIR'}, close_fds=False)
        (VENV / 'tmp').mkdir()
        STATE.mkdir()

    def _tools(self, lists: Sequence[Path]) -> None:
        self._pip('tools', *(argument for path in lists for argument in ('-r', path)))

    def _requirements(self, extra: str) -> None:
        result = subprocess.run(
            [PYTHON, '-c', READ_REQUIREMENTS], cwd=ROOT, env=self.env, check=True,
            capture_output=True, text=True)
        # A sourced ROS 2 has its own OpenCV, and a cv_bridge linked to it.
        in_ros = ('opencv-', 'rosbags-image') if self.ros_distro else ()
        self._pip('requirements', *(
            name for name in json.loads(result.stdout)[extra] if not name.startswith(in_ros)))

    def _pip(self, name: str, *arguments: str | Path) -> None:
        constraints = CONSTRAINTS
        if self.ros_distro:
            # ROS's compiled packages were built for the system's numpy: keep that version. Only
            # Humble's is too old for onnxruntime; the next newer versions work with both.
            numpy = importlib.metadata.version('numpy')
            kept = '>=1.21.6,<1.25' if self.ros_distro == 'humble' else f'=={numpy}'
            constraints = STATE / 'constraints.txt'
            constraints.write_text(f'numpy{kept}\n')
        call(name, [PYTHON, '-m', 'pip', 'install', '--progress-bar', 'off',
                    '-c', constraints, *arguments], self.env)

    def _colcon(self, name: str, packages: Sequence[Path], *arguments: str) -> None:
        for path in packages:
            # An interrupted compiler leaves an incomplete file, which make considers built.
            shutil.rmtree(BUILD / _package(path), ignore_errors=True)
        call(name, [
            PYTHON, '-m', 'colcon', '--log-base', LOGS / 'colcon', 'build', '--merge-install',
            '--build-base', BUILD, '--install-base', VENV, '--paths', *packages, *arguments,
        ], self.env)

    def _interfaces(self) -> None:
        self._colcon(
            'interfaces', INTERFACES, '--cmake-args', '-DBUILD_TESTING=OFF',
            f'-DCMAKE_PROJECT_INCLUDE={STAND_INS / "wheels.cmake"}',
            f'-DPython3_EXECUTABLE={PYTHON}')

    def _programs(self, packages: Sequence[Path]) -> None:
        self._colcon('programs', packages, '--symlink-install')
        site = next(VENV.glob('lib/python*/site-packages'))
        # This replaces sourcing a setup file: it makes sources and resource index available.
        lines = [f'{BUILD / _package(path)}\n' for path in packages]
        lines.append(
            'import os, sys; os.environ["AMENT_PREFIX_PATH"] = os.pathsep.join(dict.fromkeys('
            '[sys.prefix, *filter(None, os.environ.get("AMENT_PREFIX_PATH", "").split('
            'os.pathsep))]))\n')
        (site / 'dcat_ros_host.pth').write_text(''.join(lines))
        call('check', [PYTHON, '-c', (
            'import audio_common_msgs.msg, cv_bridge, hri_msgs.msg, message_filters, onnxruntime, '
            'rclpy, sensor_msgs_py.point_cloud2, vision_msgs.msg, dcat_ros')], self.env)


def _package(path: Path) -> str:
    return 'dcat_ros' if path == ROOT else path.name
