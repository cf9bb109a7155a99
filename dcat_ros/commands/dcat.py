# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""`dcat NAME ...`: the package's programs by name, as `ros2 run dcat_ros NAME ...` runs them."""

from importlib.metadata import distribution, EntryPoint
import sys

USAGE = """usage: dcat NAME [arguments] [--ros-args ...]

programs:
  {}

`dcat NAME --help` describes a program."""


def programs() -> dict[str, EntryPoint]:
    """Return this package's console scripts by name."""
    scripts = distribution('dcat_ros').entry_points.select(group='console_scripts')
    return {script.name: script for script in sorted(scripts) if script.name != 'dcat'}


def main() -> int:
    """Run the program named by the first argument with the remaining arguments."""
    known = programs()
    name = sys.argv[1] if len(sys.argv) > 1 else '--help'
    if name in ('-h', '--help'):
        print(USAGE.format('\n  '.join(known)))
        return 0
    if name not in known:
        print(f'dcat: no program "{name}"; choose one of {", ".join(known)}', file=sys.stderr)
        return 2
    try:
        program = known[name].load()
    except ModuleNotFoundError as error:
        print(
            f'dcat: {name} needs {error.name}, which is not installed: docs/install.md describes '
            'how to install ROS 2 and all other requirements', file=sys.stderr
        )
        return 1
    sys.argv = [f'dcat {name}', *sys.argv[2:]]
    return program() or 0


if __name__ == '__main__':
    sys.exit(main())
