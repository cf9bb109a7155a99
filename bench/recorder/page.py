# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The results as a page, and as tables in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.recorder.load import streams
from bench.recorder.protocol import IMAGE_RATE, ROUNDS, SUBSCRIBERS
from bench.recorder.results import kept_of, rate_of, Results
from bench.recorder.trial import LATE, NAIVE, NULL, RECORDER, Trial, TUNED
from bench.rig import tables
from bench.rig.machine import file_system, machine
from bench.rig.tables import Rows

EXPLANATION = f"""\
Another process publishes an IMU (400 Hz), VGA bgr8 images (30 Hz) and 16 kHz sound (100 chunks/s)
as serialised messages, each with a number in its bytes, on a fixed schedule. IMU and sound are
reliable, images best effort, as camera drivers publish; everybody uses `config/fastdds.xml`.

- `{NULL}` subscribes raw with the recorder's queue lengths and executor, counts, and throws away.
- `{TUNED}` is the same with the C library's setting that the recorder uses
  (`recording/memory.py`); no bar refers to it.
- `{RECORDER}` is `dcat recorder` with its defaults.
- `{NAIVE}` decodes, synchronises with message_filters (queue 10, slop 0.05 s) and writes the sets
  in the synchronizer's callback with rosbags, in `rclpy.spin`. Its queues are 10 long; images are
  heard best effort, or it would hear none.

CPU is user and system time of the subscriber's process, from the first message to two seconds
after the last, over the time of publishing: the median of the rounds, and their range. "times
null" is the median over the rounds of the ratio to the null node in the same round. Kept is what
arrived (null), or what was read back from the bag, each number counted once. The kernel's writing
to the disk is in nobody's CPU time."""


def comparison(results: Results) -> Rows:
    """Return the table of all subscribers, its head first."""
    columns = [_column(name, results.of(name), results.ratio(name)) for name in SUBSCRIBERS]
    columns.append(_column('recorder, one session', [results.session], results.session_ratio))
    names = [
        '', 'published for', 'CPU, cores', 'times null', 'peak memory', 'IMU kept', 'images kept',
        'sound kept', 'sensors late by',
    ]
    rates = [
        rate_of(results.sweeps[name]) if name in results.sweeps else '' for name in SUBSCRIBERS
    ]
    rows = [list(row) for row in zip(names, *columns, strict=True)]
    return [*rows, ['images/s without loss', *rates, '']]


def _column(name: str, trials: Sequence[Trial], ratio: float) -> list[str]:
    shares = [trial.share for trial in trials]
    spread = f', {min(shares):.3f} to {max(shares):.3f}' if len(shares) > 1 else ''
    return [
        name,
        f'{sum(trial.seconds for trial in trials):.0f} s',
        f'{median(shares):.3f}{spread}',
        f'{ratio:.2f}',
        f'{max(trial.memory for trial in trials) / 1e6:.0f} MB',
        *(_kept(trials, sensor) for sensor in ('imu', 'camera', 'audio')),
        f'{1000 * max(trial.late for trial in trials):.0f} ms',
    ]


def _kept(trials: Sequence[Trial], sensor: str) -> str:
    kept, published = kept_of(trials, sensor)
    return f'{kept} of {published}, {100 * kept / published:.4g} %'


def bars(results: Results) -> Rows:
    """Return the table of what was demanded, its head first."""
    return [['bar', 'measured', 'outcome'], *(
        [bar.demand, bar.measured, bar.outcome] for bar in results.bars
    )]


def steps(results: Results) -> Rows:
    """Return the table of all that was tried to find the highest rates, its head first."""
    return [['', 'images/s', 'published/s', 'images lost', 'CPU, cores', 'sensors late by'], *(
        [
            subscriber, f'{trial.image_rate}',
            f'{trial.published["camera"] / trial.seconds:.0f}',
            f'{trial.lost("camera")} of {trial.published["camera"]}', f'{trial.share:.2f}',
            f'{1000 * trial.late:.0f} ms',
        ]
        for subscriber, sweep in results.sweeps.items() for trial in sweep.trials
    )]


def remarks(results: Results) -> list[str]:
    """Return what else is to be known of the numbers."""
    per_image = streams(IMAGE_RATE)['camera'].size
    tuned = results.ratio(RECORDER, TUNED)
    said = [
        f"Of the tuned null node's CPU time the recorder needs {tuned:.2f} times.",
        f'The disk takes {results.disk / 1e6:.0f} MB/s in a plain sequential write to the end, '
        f'which is {results.disk / per_image:.0f} images/s; what a recorder takes in beyond that '
        'waits in memory.',
    ]
    if results.late:
        named = ', '.join(
            f'{trial.subscriber} {1000 * trial.late:.0f} ms' for trial in results.late
        )
        said.append(
            f'The sensors were late by more than {1000 * LATE:.0f} ms, a sign of a busy machine, '
            f'in {len(results.late)} of {len(results.rounds) + 1} trials at {IMAGE_RATE} '
            f'images/s: {named}.'
        )
    return said


def markdown(results: Results, folder: Path) -> str:
    """Return the whole page.

    :param folder: where the bags were.
    """
    session, found = results.session, next(iter(results.sweeps.values()))
    return '\n'.join([
        '# The recorder beside a null node and a naive recorder',
        '',
        f'By `python3 -m bench.recorder`. {machine()}, bags on {file_system(folder)}.',
        '',
        EXPLANATION,
        '',
        f'Each subscriber in turn, {ROUNDS} rounds of {results.rounds[0].asked:.0f} s; then the '
        f'recorder for {session.asked:.0f} s in one session.',
        '',
        *tables.markdown(comparison(results)),
        '',
        *tables.markdown(bars(results)),
        '',
        *(line for remark in remarks(results) for line in (remark, '')),
        '## The search for the highest loss-free image rate',
        '',
        f'IMU and sound as above, {found.trials[0].asked:.0f} s each; a rate at which an image '
        'is lost is tried once more.',
        '',
        *tables.markdown(steps(results)),
        '',
    ])
