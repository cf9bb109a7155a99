# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""`dcat NAME ...`: the package's programs by name, as `ros2 run dcat_ros NAME ...` runs them."""

from importlib.metadata import entry_points, EntryPoint
import sys


def programs() -> dict[str, EntryPoint]:
    """Return this package's console scripts by name."""
    return {
        script.name: script
        for script in sorted(entry_points(group='console_scripts'))
        if script.value.startswith('dcat_ros.') and script.name != 'dcat'
    }


def main() -> int:
    """Run the program named by the first argument with the remaining arguments."""
    known = programs()
    name = sys.argv[1] if len(sys.argv) > 1 else '--help'
    if name in ('-h', '--help'):
        print('usage: dcat NAME [arguments] [--ros-args ...]\n\nprograms:')
        print('\n'.join(f'  {program}' for program in known))
        print('\n`dcat NAME --help` describes a program.')
        return 0
    if name not in known:
        print(f'dcat: no program "{name}"; choose one of {", ".join(known)}', file=sys.stderr)
        return 2
    sys.argv = [f'dcat {name}', *sys.argv[2:]]
    return known[name].load()() or 0


if __name__ == '__main__':
    sys.exit(main())
