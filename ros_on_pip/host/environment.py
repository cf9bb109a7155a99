# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Environment variables of the set-up and of the commands that run in it."""

import os

from .paths import LOGS, VENV

# Variables with which files of another environment would take precedence.
FOREIGN = ('PYTHONHOME', 'PYTHONPATH', 'LD_LIBRARY_PATH', 'CMAKE_PREFIX_PATH', 'AMENT_PREFIX_PATH')


def environment(ros_distro: str | None) -> dict[str, str]:
    """Return the environment variables of this clone; logs and caches go into `.venv`.

    :param ros_distro: the sourced ROS 2, whose paths are kept; None on a host without ROS
    """
    env = dict(os.environ)
    # Inherited from another environment with ROS wheels, this hides the libraries of ours.
    env.pop('_ROS_WHEELS_BOOTSTRAP_COMPLETE', None)
    # Modules are compiled when they are first imported, which is much less than pip would compile.
    env.pop('PYTHONDONTWRITEBYTECODE', None)
    if ros_distro is None:
        for name in FOREIGN:
            env.pop(name, None)
        env['PYTHONNOUSERSITE'] = '1'
    env.update(
        VIRTUAL_ENV=str(VENV),
        PATH=_prepend(VENV / 'bin', env.get('PATH')),
        AMENT_PREFIX_PATH=_prepend(VENV, env.get('AMENT_PREFIX_PATH')),
        CMAKE_PREFIX_PATH=_prepend(VENV, env.get('CMAKE_PREFIX_PATH')),
        COLCON_HOME=str(VENV / 'colcon'),
        MPLCONFIGDIR=str(VENV / 'cache' / 'matplotlib'),
        PIP_DISABLE_PIP_VERSION_CHECK='1',
        PIP_NO_COMPILE='1',
        PIP_NO_CACHE_DIR='1',
        ROS_LOG_DIR=str(LOGS / 'ros'),
        TMPDIR=str(VENV / 'tmp'),
        XDG_CACHE_HOME=str(VENV / 'cache'),
    )
    # Restrict discovery to this machine unless the user has set it.
    if ros_distro == 'humble':
        env.setdefault('ROS_LOCALHOST_ONLY', '1')
    else:
        env.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    return env


def _prepend(path: object, paths: str | None) -> str:
    rest = [part for part in (paths or '').split(os.pathsep) if part and part != str(path)]
    return os.pathsep.join([str(path), *rest])
