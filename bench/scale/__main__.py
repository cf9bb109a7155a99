# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Measure memory and time of tasks with a bag against its length.

    python3 -m bench.scale

Takes eight minutes; needs an otherwise idle machine, 17 GB on a disk, and the extra
dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import shutil
import sys
from tempfile import TemporaryDirectory

from bench.common import command
from bench.common.machine import file_system
from bench.common.page import write_page
from bench.common.process import run_json
from bench.scale.results import Results, Size, Trial
from bench.scale.tasks import cache_of, EPOCHS, RECIPES, TASKS, TRUNCATED
from dcat_ros.arguments import positive
from dcat_ros.commands.simulate_bags import SENSORS, write_person
from rich.console import Console
from rich.progress import Progress

SEED = 1000
LEAST = 0.5
"""Minutes; a shorter bag has only one activity."""
BYTES_PER_MINUTE = 250 * 10**6
"""Size of bag and caches."""


def measure(minutes: float, folder: Path, progress: Progress) -> tuple[Size, list[Trial]]:
    """Run all tasks with a bag of one length.

    :param folder: for the bag and everything made from it; must not exist.
    :raises BenchError, OSError: when a process or the disk fails.
    """
    bag, title = folder / 'sim', f'{minutes:g} min'
    task = progress.add_task(f'{title}: write', total=1 + len(TASKS))
    write_person(bag, SEED, 60 * minutes, (), SENSORS)
    size = bytes_in(bag)
    trials = []
    for name in TASKS:
        progress.advance(task)
        progress.update(task, description=f'{title}: {name}')
        result = run_json('bench.scale.tasks', [name, str(bag), str(folder)], folder)
        trials.append(Trial(name, minutes, **result))
    caches = {recipe: bytes_in(cache_of(folder, recipe)) for recipe in RECIPES}
    progress.remove_task(task)
    return Size(minutes, size, caches), trials


def bytes_in(folder: Path) -> int:
    """Return how many bytes the files below a folder have."""
    return sum(path.stat().st_size for path in folder.rglob('*') if path.is_file())


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = command.make_parser('scale', __doc__)
    parser.add_argument('--minutes', type=positive, nargs='+', default=[1, 10, 60], metavar='M',
                        help='lengths of the bags, two or more (default: 1 10 60)')
    parser.add_argument('--bags', type=Path, default=Path(), metavar='DIR',
                        help='for bags and caches, each deleted after use; on a real disk '
                             '(default: .)')
    args = parser.parse_args()
    args.minutes = sorted(set(args.minutes))
    if len(args.minutes) < 2:
        parser.error(f'--minutes has {args.minutes[0]:g} alone: give two lengths to compare')
    command.require_at_least(parser, '--minutes', args.minutes[0], LEAST)
    if not args.bags.is_dir():
        parser.error(f'--bags is {args.bags}, which is not a directory')
    return args


def main(args: argparse.Namespace, console: Console) -> bool:
    """Measure and write the page; return whether all targets are met."""
    command.require_modules('training', 'lightning', 'torch')
    command.require_writable(args.out)
    results = Results([], [])
    with (
        TemporaryDirectory(prefix='.bench_scale_', dir=args.bags) as name,
        command.progress_on(console) as progress,
    ):
        needed = args.minutes[-1] * BYTES_PER_MINUTE
        command.require_space(Path(name), needed, 'another --bags, or shorter --minutes')
        for minutes in args.minutes:
            folder = Path(name, f'{minutes:g}')
            size, trials = measure(minutes, folder, progress)
            results.sizes.append(size)
            results.trials.extend(trials)
            shutil.rmtree(folder)
    write_page(
        args.out, 'scale/page.md.j2', console, results=results, epochs=EPOCHS,
        truncated=TRUNCATED, file_system=file_system(args.bags),
    )
    return all(target.met for targets in results.targets.values() for target in targets)


if __name__ == '__main__':
    sys.exit(command.run_bench(main, parse()))
