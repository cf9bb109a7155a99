# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Measure windows from bags, cache and a hand-written loop, and how long training waits.

    python3 -m bench.data

Takes six minutes; needs an otherwise idle machine with two cores, 3 GB for temporary files
(TMPDIR), and the extra dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from bench.common import command
from bench.common.page import write_page
from bench.common.process import run_json
from bench.data.bags import DEPTH_RATE, RECIPES, SUBJECTS, write_bags
from bench.data.results import ONE, Reading, Result, Training, TWO, WARM_UP
from dcat_ros.arguments import positive
from dcat_ros.training.config import Config
from rich.console import Console
from rich.progress import Progress

LEAST_DURATION = 20.0
"""Seconds; a shorter bag has only one activity."""
LEAST_STEPS = 2 * WARM_UP


def measure(
    sensor: str, duration: float, rounds: int, steps: int, progress: Progress
) -> Result:
    """Measure the recipe of one sensor.

    :param duration: of each bag, s.
    :param steps: of each fit.
    :raises BenchError, OSError: when a process or the disk fails.
    """
    recipe = RECIPES[sensor]
    task = progress.add_task(f'{sensor}: bags', total=SUBJECTS + 1 + 2 * rounds)
    with TemporaryDirectory(prefix='dcat_bench_') as name:
        folder = Path(name)
        bags, cache = folder / 'bags', folder / 'cache'
        write_bags(sensor, bags, duration, lambda: progress.advance(task))
        progress.update(task, description=f'{sensor}: reading')
        arguments = [recipe, str(bags), str(cache), str(rounds)]
        reading = Reading(**run_json('bench.data.windows', arguments, folder))
        progress.advance(task)
        fits: dict[int, list[Training]] = {ONE: [], TWO: []}
        for number in range(rounds):
            for processes in fits:
                progress.update(task, description=f'{sensor}: fit, processes: {processes}')
                fit_folder = folder / f'fit{number}.{processes}'
                arguments = [recipe, *map(str, (bags, cache, fit_folder, processes, steps))]
                times = run_json('bench.data.training', arguments, folder)
                fits[processes].append(Training(**times))
                progress.advance(task)
    progress.remove_task(task)
    return Result(sensor, recipe, Config.read(recipe).fit.batch, reading, fits)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = command.make_parser('data', __doc__)
    parser.add_argument('--sensor', nargs='+', choices=RECIPES, default=list(RECIPES),
                        help='whose recipe to measure (default: all)')
    parser.add_argument('--duration', type=positive, default=60.0, metavar='S',
                        help=f'of each of {SUBJECTS} bags (default: 60)')
    parser.add_argument('--rounds', type=int, default=3, metavar='N',
                        help='of passes, and of fits (default: 3)')
    parser.add_argument('--steps', type=int, default=100, metavar='N',
                        help='of each fit (default: 100)')
    args = parser.parse_args()
    command.require_at_least(parser, '--duration', args.duration, LEAST_DURATION)
    command.require_at_least(parser, '--rounds', args.rounds, 1)
    command.require_at_least(parser, '--steps', args.steps, LEAST_STEPS)
    return args


def main(args: argparse.Namespace, console: Console) -> bool:
    """Measure and write the page; return whether all targets are met."""
    command.require_modules('training', 'lightning', 'torch')
    command.require_writable(args.out)
    with command.progress_on(console) as progress:
        results = [
            measure(sensor, args.duration, args.rounds, args.steps, progress)
            for sensor in dict.fromkeys(args.sensor)
        ]
    write_page(
        args.out, 'data/page.md.j2', console, results=results, duration=args.duration,
        rounds=args.rounds, steps=args.steps, depth_rate=DEPTH_RATE, subjects=SUBJECTS,
        warm_up=WARM_UP,
    )
    return all(target.met for result in results for target in result.targets)


if __name__ == '__main__':
    sys.exit(command.run_bench(main, parse()))
