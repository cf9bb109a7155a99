# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The command line of the set-up."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
import os
import signal
import sys

from .checks import check_host, sourced_ros
from .environment import environment
from .install import Installation
from .paths import ROOT, STAND_INS


def main() -> None:
    """Set up, then replace this process by the command, if one is given."""
    parser = argparse.ArgumentParser(description='Set this clone up and run a command in it.')
    parser.add_argument(
        '--extras', default='',
        help='extras of setup.py to install as well: train, test, and pose with its weights')
    parser.add_argument('command', nargs='*', help='command and arguments, after --')
    arguments = parser.parse_args()
    ros_distro = sourced_ros()
    env = environment(ros_distro)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with locked():
            check_host(ros_distro)
            Installation(ros_distro, env).install(
                [extra for extra in arguments.extras.split(',') if extra])
    except KeyboardInterrupt:
        sys.exit('Set-up interrupted: run the same command again to resume.')
    if arguments.command:
        os.chdir(ROOT)
        os.execvpe(arguments.command[0], arguments.command, env)


@contextmanager
def locked() -> Iterator[None]:
    """Lock the clone against other set-ups until this one and its commands have ended."""
    with STAND_INS.joinpath('setup_host.py').open() as lock:
        os.set_inheritable(lock.fileno(), True)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print('Another set-up of this clone is running, waiting for it ...', flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
