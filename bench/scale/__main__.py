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
import signal
import sys
from tempfile import TemporaryDirectory

from bench.data.child import require_training, told
from bench.inference import tables
from bench.inference.ready import require_writable
from bench.machine import machine
from bench.recorder.page import file_system
from bench.recorder.process import Failed
from bench.scale import page
from bench.scale.results import Results, Size, Trial
from bench.scale.tasks import cache_of, RECIPES, TASKS
from dcat_ros.arguments import positive
from dcat_ros.commands.simulate_bags import SENSORS, write_person
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

RESULTS = Path(__file__).parents[1] / 'results' / 'scale.md'
SEED = 1000
LEAST = 0.5
RESERVE, A_MINUTE = 2 * 10**9, 250 * 10**6


def require_space(folder: Path, minutes: float) -> None:
    """Check that the longest bag and its caches fit.

    :raises OSError: when they do not.
    """
    needed = RESERVE + minutes * A_MINUTE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            f'{free / 1e9:.1f} GB free for {folder}, {needed / 1e9:.1f} GB needed: make room, or '
            'choose another --bags, or shorter --minutes'
        )


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
    parser = argparse.ArgumentParser(
        prog='python3 -m bench.scale', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--minutes', type=positive, nargs='+', default=[1, 10, 60], metavar='M',
                        help='lengths of the bags, two or more (default: 1 10 60)')
    parser.add_argument('--bags', type=Path, default=Path(), metavar='DIR',
                        help='for bags and caches, each deleted after use; a real disk '
                             '(default: .)')
    parser.add_argument('--out', type=Path, default=RESULTS, metavar='FILE',
                        help='where to keep the page (default: bench/results/scale.md)')
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


def main() -> int:
    """Measure, print and keep the results; return 1 when a bar is missed."""
    args = parse()
    console = Console()
    columns = TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require_training()
        require_writable(args.out)
        with (
            TemporaryDirectory(prefix='.bench_scale_', dir=args.bags) as name,
            Progress(*columns, console=console, transient=True) as progress,
        ):
            require_space(Path(name), args.minutes[-1])
            progress.add_task('in all', total=None)
            results = Results([], [])
            for minutes in args.minutes:
                folder = Path(name, f'{minutes:g}')
                size, trials = measure(minutes, folder, progress)
                results.sizes.append(size)
                results.trials.extend(trials)
                shutil.rmtree(folder)
        args.out.write_text(page.markdown(results, file_system(args.bags)), encoding='utf-8')
    except (Failed, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        console.print('ended early')
        return 1
    console.print(machine())
    for rows in (page.sizes, page.costs, page.bars):
        console.print(tables.table(rows(results), ''))
    return 0 if all(bar.met for bars in results.bars.values() for bar in bars) else 1


if __name__ == '__main__':
    sys.exit(main())
