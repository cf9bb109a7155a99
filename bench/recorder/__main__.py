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
import sys
from tempfile import TemporaryDirectory

from bench.recorder import page, protocol
from bench.recorder.load import streams
from bench.recorder.results import Results
from bench.recorder.trial import NULL, RECORDER, run, Trial
from bench.rig import tables
from bench.rig.graph import isolate
from bench.rig.machine import machine
from bench.rig.program import add_page, exit_status, make_parser, progress_on
from bench.rig.ready import require_space
from dcat_ros.arguments import positive
from rich.console import Console


def largest_bag(duration: float, sweep_duration: float) -> float:
    """Return how many bytes the largest bag takes."""
    return max(
        seconds * sum(stream.rate * stream.size for stream in streams(rate).values())
        for seconds, rate in (
            (duration, protocol.IMAGE_RATE), (sweep_duration, protocol.HIGHEST)
        )
    )


def measure(
    folder: Path, duration: float, round_duration: float, sweep_duration: float, console: Console
) -> Results:
    """Run everything.

    :raises Failed, BagError, OSError: when something does not work.
    """
    with progress_on(console) as progress:
        def told(subscriber: str, seconds: float, image_rate: int) -> Trial:
            trial = run(subscriber, seconds, image_rate, folder, progress)
            console.print(
                f'{subscriber}, {image_rate} images/s: {trial.share:.3f} cores, '
                f'{trial.lost("camera")} images lost, sensors late by {1000 * trial.late:.0f} ms'
            )
            return trial

        disk = protocol.disk_speed(folder)
        rounds = protocol.rounds(told, round_duration)
        session = told(RECORDER, duration, protocol.IMAGE_RATE)
        sweep = partial(protocol.sweep, told, seconds=sweep_duration)
        return Results(rounds, session, {name: sweep(name) for name in (NULL, RECORDER)}, disk)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser('recorder', __doc__)
    parser.add_argument('--duration', type=positive, default=300.0, metavar='S',
                        help='of the recorder in one session (default: 300)')
    parser.add_argument('--round-duration', type=positive, default=20.0, metavar='S',
                        help='of each subscriber in each of five rounds (default: 20)')
    parser.add_argument('--sweep-duration', type=positive, default=5.0, metavar='S',
                        help='of each image rate that is tried (default: 5)')
    parser.add_argument('--out', type=Path, default=Path(), metavar='DIR',
                        help='for bags, each deleted once it was read; a real disk (default: .)')
    add_page(parser, 'recorder', '--results')
    return parser.parse_args()


def main(args: argparse.Namespace, console: Console) -> int:
    """Measure, print and keep the results; return 1 when a bar is missed."""
    isolate()
    with TemporaryDirectory(prefix='.bench_recorder_', dir=args.out) as folder:
        require_space(
            Path(folder), largest_bag(args.duration, args.sweep_duration),
            'another --out, or a shorter --duration and --sweep-duration',
        )
        results = measure(
            Path(folder), args.duration, args.round_duration, args.sweep_duration, console
        )
    args.results.parent.mkdir(parents=True, exist_ok=True)
    args.results.write_text(page.markdown(results, args.out), encoding='utf-8')
    console.print(tables.table(page.comparison(results), machine()))
    console.print(tables.table(page.bars(results), 'bars'))
    for remark in page.remarks(results):
        console.print(remark)
    return 0 if all(bar.met for bar in results.bars) else 1


if __name__ == '__main__':
    sys.exit(exit_status(main, parse()))
