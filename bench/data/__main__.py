# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Windows from bags and from the cache beside a loop by hand, and how long a training waits.

    python3 -m bench.data

Takes six minutes; wants a machine with two cores that does nothing else, 3 GB for temporary files
(TMPDIR), and the extra dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from bench.data import page
from bench.data.recipes import RECIPES, SUBJECTS, write_bags
from bench.data.results import ALONE, Reading, Result, TOGETHER, Training
from bench.data.steps import WARM_UP
from bench.rig import tables
from bench.rig.machine import machine
from bench.rig.process import told
from bench.rig.program import add_page, exit_status, make_parser, progress_on, require_least
from bench.rig.ready import require_modules, require_writable
from dcat_ros.arguments import positive
from dcat_ros.training.config import Config
from rich.console import Console
from rich.progress import Progress

LEAST_DURATION = 20.0
LEAST_STEPS = 2 * WARM_UP


def measure(
    sensor: str, duration: float, rounds: int, steps: int, progress: Progress
) -> Result:
    """Measure all of one sensor.

    :param duration: of each bag, s.
    :param steps: of each fit.
    :raises Failed, OSError: when something does not work.
    """
    recipe = RECIPES[sensor]
    task = progress.add_task(f'{sensor}: bags', total=SUBJECTS + 1 + 2 * rounds)
    with TemporaryDirectory(prefix='dcat_bench_') as name:
        folder = Path(name)
        bags, cache = folder / 'bags', folder / 'cache'
        write_bags(sensor, bags, duration, lambda: progress.advance(task))
        progress.update(task, description=f'{sensor}: reading')
        arguments = [recipe, str(bags), str(cache), str(rounds)]
        reading = Reading(**told('bench.data.reading', arguments, folder))
        progress.advance(task)
        fits: dict[int, list[Training]] = {ALONE: [], TOGETHER: []}
        for number in range(rounds):
            for processes in fits:
                progress.update(task, description=f'{sensor}: fit, processes: {processes}')
                place = folder / f'fit{number}.{processes}'
                arguments = [recipe, *map(str, (bags, cache, place, processes, steps))]
                fits[processes].append(Training(**told('bench.data.training', arguments, folder)))
                progress.advance(task)
    progress.remove_task(task)
    return Result(sensor, recipe, Config.read(recipe).fit.batch, reading, fits)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser('data', __doc__)
    parser.add_argument('--sensor', nargs='+', choices=RECIPES, default=list(RECIPES),
                        help='whose recipe to measure (default: all)')
    parser.add_argument('--duration', type=positive, default=60.0, metavar='S',
                        help=f'of each of {SUBJECTS} bags (default: 60)')
    parser.add_argument('--rounds', type=int, default=3, metavar='N',
                        help='of passes, and of fits (default: 3)')
    parser.add_argument('--steps', type=int, default=100, metavar='N',
                        help='of each fit (default: 100)')
    add_page(parser, 'data')
    args = parser.parse_args()
    if args.duration < LEAST_DURATION:
        parser.error(
            f'--duration is {args.duration:g} s, too short for two activities: give '
            f'{LEAST_DURATION:g}'
        )
    require_least(parser, '--rounds', args.rounds, 1)
    require_least(parser, '--steps', args.steps, LEAST_STEPS)
    return args


def main(args: argparse.Namespace, console: Console) -> int:
    """Measure, print and keep the results; return 1 when a bar is missed."""
    require_modules('training', 'lightning', 'torch')
    require_writable(args.out)
    with progress_on(console) as progress:
        results = [
            measure(sensor, args.duration, args.rounds, args.steps, progress)
            for sensor in dict.fromkeys(args.sensor)
        ]
    text = page.markdown(results, args.duration, args.rounds, args.steps)
    args.out.write_text(text, encoding='utf-8')
    console.print(machine())
    for rows in (page.windows, page.sizes, page.training, page.bars):
        console.print(tables.table(rows(results), ''))
    return 0 if all(bar.met for result in results for bar in result.bars) else 1


if __name__ == '__main__':
    sys.exit(exit_status(main, parse()))
