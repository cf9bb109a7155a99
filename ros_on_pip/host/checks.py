# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What set-up requires of the host; whatever is missing gets one sentence with the remedy."""

import importlib.util
import os
from pathlib import Path
import platform
import shutil
import sys
import sysconfig

ROS_PACKAGES = (
    'audio_common_msgs', 'cv_bridge', 'diagnostic_msgs', 'geometry_msgs', 'lifecycle_msgs',
    'message_filters', 'rclpy', 'rosgraph_msgs', 'sensor_msgs', 'sensor_msgs_py', 'std_msgs',
    'vision_msgs')
BUILD_TOOLS = ('cmake', 'g++', 'make')
GLIBC = (2, 28)


def sourced_ros() -> str | None:
    """Return the name of the sourced ROS 2 release, None on a host without ROS.

    :raises SystemExit: if the sourced ROS 2 lacks a package that dcat_ros requires
    """
    distro = os.environ.get('ROS_DISTRO')
    if not distro:
        return None
    if not _importable('rclpy'):
        sys.exit(
            f'ROS_DISTRO={distro} is set but {sys.executable} cannot import rclpy: source '
            f'/opt/ros/{distro}/setup.bash and use its Python (PYTHON=/usr/bin/python3), '
            'or unset ROS_DISTRO to run without ROS.')
    missing = [name for name in ROS_PACKAGES if not _importable(name)]
    if missing:
        packages = ' '.join(f'ros-{distro}-{name.replace("_", "-")}' for name in missing)
        sys.exit(
            f'ROS 2 {distro} lacks {", ".join(missing)}: install with '
            f'`sudo apt-get install {packages}`.')
    return distro


def check_host(ros_distro: str | None) -> None:
    """Check that set-up can run.

    :raises SystemExit: if a requirement is missing
    """
    if importlib.util.find_spec('ensurepip') is None:
        sys.exit(
            f'{sys.executable} cannot create virtual environments: run '
            '`sudo apt-get install python3-venv`.')
    if ros_distro is None:
        _check_wheels_fit()
        _check_compiler()


def _check_wheels_fit() -> None:
    system, machine = platform.system(), platform.machine()
    libc, version = platform.libc_ver()
    if (system, machine) != ('Linux', 'x86_64'):
        sys.exit(
            f'ROS wheels exist for Linux x86_64 only, not for {system} {machine}: install and '
            'source ROS 2 Humble, Jazzy or Kilted and run the same command, or run '
            "`pip install '.[train]'` for training only.")
    if libc != 'glibc' or tuple(int(part) for part in version.split('.')[:2]) < GLIBC:
        sys.exit(
            f'The ROS wheels need glibc 2.28 or newer, not {libc or "another libc"} {version}: '
            'use Debian 10, Ubuntu 20.04 or newer, or install and source ROS 2.')
    if sys.implementation.name != 'cpython' or sysconfig.get_config_var('Py_GIL_DISABLED'):
        sys.exit(
            f'There are no ROS wheels for {sys.executable}: choose a standard CPython 3.10 to '
            '3.13, for example `make demo PYTHON=/usr/bin/python3`.')


def _check_compiler() -> None:
    missing = [tool for tool in BUILD_TOOLS if shutil.which(tool) is None]
    if not Path(sysconfig.get_path('include'), 'Python.h').exists():
        missing.append('python3-dev')
    if missing:
        sys.exit(
            f'Building the ROS messages needs {", ".join(missing)}: install with '
            f'`sudo apt-get install {" ".join(missing)}`.')


def _importable(name: str) -> bool:
    return importlib.util.find_spec(name) is not None
