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
import signal
import sys
from tempfile import TemporaryDirectory

from bench.data import page
from bench.data.child import require_training, told
from bench.data.recipes import RECIPES, SUBJECTS, write_bags
from bench.data.results import ALONE, Reading, Result, TOGETHER, Training
from bench.data.steps import WARM_UP
from bench.inference import tables
from bench.inference.ready import require_writable
from bench.machine import machine
from bench.recorder.process import Failed
from dcat_ros.arguments import positive
from dcat_ros.training.config import Config
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

RESULTS = Path(__file__).parents[1] / 'results' / 'data.md'
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
    parser = argparse.ArgumentParser(
        prog='python3 -m bench.data', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--sensor', nargs='+', choices=RECIPES, default=list(RECIPES),
                        help='whose recipe to measure (default: all)')
    parser.add_argument('--duration', type=positive, default=60.0, metavar='S',
                        help=f'of each of {SUBJECTS} bags (default: 60)')
    parser.add_argument('--rounds', type=int, default=3, metavar='N',
                        help='of passes, and of fits (default: 3)')
    parser.add_argument('--steps', type=int, default=100, metavar='N',
                        help='of each fit (default: 100)')
    parser.add_argument('--out', type=Path, default=RESULTS, metavar='FILE',
                        help='where to keep the page (default: bench/results/data.md)')
    args = parser.parse_args()
    if args.duration < LEAST_DURATION:
        parser.error(
            f'--duration is {args.duration:g} s, too short for two activities: give '
            f'{LEAST_DURATION:g}'
        )
    for option, least in (('rounds', 1), ('steps', LEAST_STEPS)):
        if getattr(args, option) < least:
            parser.error(f'--{option} is {getattr(args, option)}, expected {least} or more')
    return args


def main() -> int:
    """Measure, print and keep the results; return 1 when a bar is missed."""
    args = parse()
    console = Console()
    columns = TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require_training()
        require_writable(args.out)
        with Progress(*columns, console=console, transient=True) as progress:
            progress.add_task('in all', total=None)
            results = [
                measure(sensor, args.duration, args.rounds, args.steps, progress)
                for sensor in dict.fromkeys(args.sensor)
            ]
        text = page.markdown(results, args.duration, args.rounds, args.steps)
        args.out.write_text(text, encoding='utf-8')
    except (Failed, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        console.print('ended early')
        return 1
    console.print(machine())
    for rows in (page.windows, page.sizes, page.training, page.bars):
        console.print(tables.table(rows(results), ''))
    return 0 if all(bar.met for result in results for bar in result.bars) else 1


if __name__ == '__main__':
    sys.exit(main())
