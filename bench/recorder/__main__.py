# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Compare the recorder with a node that discards all messages and with a hand-written recorder.

    python3 -m bench.recorder

Takes twenty minutes; needs an otherwise idle machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import time

from bench.common import command
from bench.common.graph import isolate
from bench.common.machine import file_system
from bench.common.page import write_page
from bench.recorder.messages import streams
from bench.recorder.results import HIGHEST, IMAGE_RATE, Results, Sweep
from bench.recorder.trial import NAIVE, NULL, RECORDER, run, Trial, TUNED
from dcat_ros.arguments import positive
from rich.console import Console

Run = Callable[[str, float, int], Trial]
"""Measures a subscriber for so many seconds at so many images per second."""

SUBSCRIBERS = (NULL, RECORDER, NAIVE, TUNED)
ROUNDS = 5
STEP = 30
ATTEMPTS = 2
BLOCK, BLOCKS = 4 * 2**20, 250


def largest_bag(duration: float, sweep_duration: float) -> float:
    """Return how many bytes the largest bag takes."""
    return max(
        seconds * sum(stream.rate * stream.size for stream in streams(rate).values())
        for seconds, rate in (
            (duration, IMAGE_RATE), (sweep_duration, HIGHEST)
        )
    )


def measure(
    folder: Path, duration: float, round_duration: float, sweep_duration: float, console: Console
) -> Results:
    """Run all trials.

    :raises BenchError, BagError, OSError: when a process, a bag or the disk fails.
    """
    with command.progress_on(console) as progress:
        def run_trial(subscriber: str, seconds: float, image_rate: int) -> Trial:
            trial = run(subscriber, seconds, image_rate, folder, progress)
            console.print(
                f'{subscriber}, {image_rate} images/s: {trial.cores:.3f} cores, '
                f'{trial.lost("camera")} images lost, sensors late by {1000 * trial.late:.0f} ms'
            )
            return trial

        disk = disk_speed(folder)
        rounds = run_rounds(run_trial, round_duration)
        session = run_trial(RECORDER, duration, IMAGE_RATE)
        sweeps = {
            name: run_sweep(run_trial, name, sweep_duration) for name in (NULL, RECORDER)
        }
        return Results(rounds, session, sweeps, disk)


def run_rounds(run_trial: Run, seconds: float) -> list[Trial]:
    """Measure all subscribers in turn, several times, so that drift affects all alike.

    :param seconds: of each trial.
    """
    return [
        run_trial(SUBSCRIBERS[(number + place) % len(SUBSCRIBERS)], seconds, IMAGE_RATE)
        for number in range(ROUNDS)
        for place in range(len(SUBSCRIBERS))
    ]


def run_sweep(run_trial: Run, subscriber: str, seconds: float) -> Sweep:
    """Double the image rate until images are lost, then halve the gap down to one step.

    :param seconds: for each rate; one that fails is tried once more.
    """
    found = Sweep()

    def passes(rate: int) -> bool:
        for _ in range(ATTEMPTS):
            trial = run_trial(subscriber, seconds, rate)
            found.trials.append(trial)
            if not trial.lost('camera') and trial.kept_pace:
                return True
        return False

    rate = STEP
    while rate <= HIGHEST and passes(rate):
        found.highest = rate
        rate *= 2
    too_high = min(rate, HIGHEST + STEP)
    while too_high - found.highest > STEP:
        middle = (found.highest + too_high) // (2 * STEP) * STEP
        if passes(middle):
            found.highest = middle
        else:
            too_high = middle
    return found


def disk_speed(folder: Path) -> float:
    """Return the bytes per second of writing a gigabyte, with a final fsync."""
    block, path = os.urandom(BLOCK), folder / 'block'
    start = time.monotonic()
    with path.open('wb', buffering=0) as file:
        for _ in range(BLOCKS):
            file.write(block)
        os.fsync(file.fileno())
    seconds = time.monotonic() - start
    path.unlink()
    return BLOCK * BLOCKS / seconds


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = command.make_parser('recorder', __doc__, '--results')
    parser.add_argument('--duration', type=positive, default=300.0, metavar='S',
                        help='of the recorder in one session (default: 300)')
    parser.add_argument('--round-duration', type=positive, default=20.0, metavar='S',
                        help='of each subscriber in each of five rounds (default: 20)')
    parser.add_argument('--sweep-duration', type=positive, default=5.0, metavar='S',
                        help='of each image rate that is tried (default: 5)')
    parser.add_argument('--out', type=Path, default=Path(), metavar='DIR',
                        help='for bags, each deleted after reading; on a real disk (default: .)')
    return parser.parse_args()


def main(args: argparse.Namespace, console: Console) -> bool:
    """Measure and write the page; return whether all targets are met."""
    isolate()
    with TemporaryDirectory(prefix='.bench_recorder_', dir=args.out) as folder:
        command.require_space(
            Path(folder), largest_bag(args.duration, args.sweep_duration),
            'another --out, or a shorter --duration and --sweep-duration',
        )
        results = measure(
            Path(folder), args.duration, args.round_duration, args.sweep_duration, console
        )
    columns = {name: results.trials(name) for name in SUBSCRIBERS}
    write_page(
        args.results, 'recorder/page.md.j2', console, results=results, rounds=ROUNDS,
        columns=columns | {'recorder, one session': [results.session]}, subscribers=SUBSCRIBERS,
        image_size=streams(IMAGE_RATE)['camera'].size, file_system=file_system(args.out),
    )
    return all(target.met for target in results.targets)


if __name__ == '__main__':
    sys.exit(command.run_bench(main, parse()))
