# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Memory and time of what is done with a bag, against its length.

    python3 -m bench.scale

Takes eight minutes; wants a machine that does nothing else, 17 GB on a disk, and the extra
dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import shutil
import sys
from tempfile import TemporaryDirectory

from bench.rig import tables
from bench.rig.machine import file_system, machine
from bench.rig.process import told
from bench.rig.program import add_page, exit_status, make_parser, progress_on
from bench.rig.ready import require_modules, require_space, require_writable
from bench.scale import page
from bench.scale.results import Results, Size, Trial
from bench.scale.tasks import cache_of, RECIPES, TASKS
from dcat_ros.arguments import positive
from dcat_ros.commands.simulate_bags import SENSORS, write_person
from rich.console import Console
from rich.progress import Progress

SEED = 1000
LEAST = 0.5
A_MINUTE = 250 * 10**6
"""Bytes of bag and caches."""


def measure(minutes: float, folder: Path, progress: Progress) -> tuple[Size, list[Trial]]:
    """Do everything with a bag of one length.

    :param folder: for the bag and all that is made of it; not there yet.
    :raises Failed, OSError: when something does not work.
    """
    bag, title = folder / 'sim', f'{minutes:g} min'
    task = progress.add_task(f'{title}: write', total=1 + len(TASKS))
    write_person(bag, SEED, 60 * minutes, (), SENSORS)
    size = bytes_in(bag)
    trials = []
    for name in TASKS:
        progress.advance(task)
        progress.update(task, description=f'{title}: {name}')
        found = told('bench.scale.work', [name, str(bag), str(folder)], folder)
        trials.append(Trial(name, minutes, **found))
    caches = {recipe: bytes_in(cache_of(folder, recipe)) for recipe in RECIPES}
    progress.remove_task(task)
    return Size(minutes, size, caches), trials


def bytes_in(folder: Path) -> int:
    """Return how many bytes the files below a folder have."""
    return sum(path.stat().st_size for path in folder.rglob('*') if path.is_file())


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser('scale', __doc__)
    parser.add_argument('--minutes', type=positive, nargs='+', default=[1, 10, 60], metavar='M',
                        help='lengths of the bags, two or more (default: 1 10 60)')
    parser.add_argument('--bags', type=Path, default=Path(), metavar='DIR',
                        help='for bags and caches, each deleted after use; a real disk '
                             '(default: .)')
    add_page(parser, 'scale')
    args = parser.parse_args()
    args.minutes = sorted(set(args.minutes))
    if len(args.minutes) < 2:
        parser.error(f'--minutes has {args.minutes[0]:g} alone: give two lengths to compare')
    if args.minutes[0] < LEAST:
        parser.error(
            f'--minutes has {args.minutes[0]:g}, too short for two activities: give {LEAST:g}'
        )
    if not args.bags.is_dir():
        parser.error(f'--bags is {args.bags}, which is no directory: make it, or name another')
    return args


def main(args: argparse.Namespace, console: Console) -> int:
    """Measure, print and keep the results; return 1 when a bar is missed."""
    require_modules('training', 'lightning', 'torch')
    require_writable(args.out)
    with (
        TemporaryDirectory(prefix='.bench_scale_', dir=args.bags) as name,
        progress_on(console) as progress,
    ):
        needed = args.minutes[-1] * A_MINUTE
        require_space(Path(name), needed, 'another --bags, or shorter --minutes')
        results = Results([], [])
        for minutes in args.minutes:
            folder = Path(name, f'{minutes:g}')
            size, trials = measure(minutes, folder, progress)
            results.sizes.append(size)
            results.trials.extend(trials)
            shutil.rmtree(folder)
    args.out.write_text(page.markdown(results, file_system(args.bags)), encoding='utf-8')
    console.print(machine())
    for rows in (page.sizes, page.costs, page.bars):
        console.print(tables.table(rows(results), ''))
    return 0 if all(bar.met for bars in results.bars.values() for bar in bars) else 1


if __name__ == '__main__':
    sys.exit(exit_status(main, parse()))
