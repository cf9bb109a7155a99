# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recorder beside a node that throws everything away and a recorder as written by hand.

    python3 -m bench.recorder

Takes twenty minutes; wants a machine that does nothing else.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
import shutil
import signal
import sys
from tempfile import TemporaryDirectory

from bench.machine import machine
from bench.recorder import page, protocol
from bench.recorder.graph import isolate
from bench.recorder.load import streams
from bench.recorder.process import Failed
from bench.recorder.results import Results
from bench.recorder.trial import NULL, RECORDER, run, Trial
from dcat_ros.arguments import positive
from dcat_ros.bags.reader import BagError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

RESULTS = Path(__file__).parents[1] / 'results' / 'recorder.md'
RESERVE = 2 * 10**9


def require_space(folder: Path, duration: float, sweep_duration: float) -> None:
    """Check that the largest bag fits.

    :raises OSError: when it does not.
    """
    needed = RESERVE + max(
        seconds * sum(stream.rate * stream.size for stream in streams(rate).values())
        for seconds, rate in (
            (duration, protocol.IMAGE_RATE), (sweep_duration, protocol.HIGHEST)
        )
    )
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            f'{free / 1e9:.1f} GB free for {folder}, {needed / 1e9:.1f} GB needed: make room, or '
            'choose another --out, or a shorter --duration and --sweep-duration'
        )


def measure(
    folder: Path, duration: float, round_duration: float, sweep_duration: float, console: Console
) -> Results:
    """Run everything.

    :raises Failed, BagError, OSError: when something does not work.
    """
    columns = TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        def told(subscriber: str, seconds: float, image_rate: int) -> Trial:
            trial = run(subscriber, seconds, image_rate, folder, progress)
            console.print(
                f'{subscriber}, {image_rate} images/s: {trial.share:.3f} cores, '
                f'{trial.lost("camera")} images lost, sensors late by {1000 * trial.late:.0f} ms'
            )
            return trial

        progress.add_task('in all', total=None)
        disk = protocol.disk_speed(folder)
        rounds = protocol.rounds(told, round_duration)
        session = told(RECORDER, duration, protocol.IMAGE_RATE)
        sweep = partial(protocol.sweep, told, seconds=sweep_duration)
        return Results(rounds, session, {name: sweep(name) for name in (NULL, RECORDER)}, disk)


def main() -> int:
    """Measure, print and keep the results; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        prog='python3 -m bench.recorder', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--duration', type=positive, default=300.0, metavar='S',
                        help='of the recorder in one session (default: 300)')
    parser.add_argument('--round-duration', type=positive, default=20.0, metavar='S',
                        help='of each subscriber in each of five rounds (default: 20)')
    parser.add_argument('--sweep-duration', type=positive, default=5.0, metavar='S',
                        help='of each image rate that is tried (default: 5)')
    parser.add_argument('--out', type=Path, default=Path(), metavar='DIR',
                        help='for bags, each deleted once it was read; a real disk (default: .)')
    parser.add_argument('--results', type=Path, default=RESULTS, metavar='FILE',
                        help='where to keep the page (default: bench/results/recorder.md)')
    args = parser.parse_args()
    console = Console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        isolate()
        with TemporaryDirectory(prefix='.bench_recorder_', dir=args.out) as folder:
            require_space(Path(folder), args.duration, args.sweep_duration)
            results = measure(
                Path(folder), args.duration, args.round_duration, args.sweep_duration, console
            )
        args.results.parent.mkdir(parents=True, exist_ok=True)
        args.results.write_text(page.markdown(results, args.out), encoding='utf-8')
    except (Failed, BagError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        console.print('ended early')
        return 1
    console.print(page.table(page.comparison(results), machine()))
    console.print(page.table(page.bars(results), 'bars'))
    for remark in page.remarks(results):
        console.print(remark)
    return 0 if all(bar.met for bar in results.bars) else 1


if __name__ == '__main__':
    sys.exit(main())
