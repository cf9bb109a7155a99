# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Write bags of simulated people, each with an IMU, a camera, a microphone and labels.

OUT/sim1000, ... get one person each, with the topics that `simulate` publishes. They are for
demonstrations and tests: the score of a model on them says nothing about real people.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
import heapq
from pathlib import Path
from typing import Any

from dcat_ros.arguments import positive
from dcat_ros.bags import messages
from dcat_ros.bags.writer import BagWriter
from dcat_ros.simulation import (
    ACTIVITIES,
    check_activities,
    Scene,
    sensor_streams,
    SensorStream,
)
from rich.console import Console
from rich.progress import track

SENSORS = ('imu', 'camera', 'audio')
NANOSECONDS = 10**9
EPOCH = 1_577_836_800 * NANOSECONDS  # 2020-01-01T00:00:00Z
AUDIO_CHUNK = 0.04  # s


def messages_of(stream: SensorStream, duration: int) -> Iterator[tuple[int, str, Any]]:
    """Yield stamp, topic and message of each message that ends within `duration` ns."""
    for index in range(stream.complete(duration)):
        stamp = EPOCH + stream.since(index)
        yield stamp, f'/{stream.topic}', stream.make(index, stamp)


def labels(scene: Scene, duration: int) -> Iterator[tuple[int, str, Any]]:
    """Yield stamp, topic and message of each label, with an empty one at the end."""
    for segment in scene.schedule.between(0.0, duration / NANOSECONDS):
        start = round(segment.start * NANOSECONDS)
        if start < duration:
            yield EPOCH + start, '/label', messages.text(segment.activity)
    yield EPOCH + duration, '/label', messages.text('')


def write_person(
    path: Path, seed: int, duration: float, activities: Sequence[str], sensors: Sequence[str]
) -> None:
    """Write the bag of one person.

    :param path: the bag's directory, which must not exist.
    :param seed: selects the person.
    :param duration: in seconds.
    :param activities: what the person does; all activities if empty.
    :param sensors: some of `SENSORS`.
    :raises FileExistsError: if `path` exists.
    """
    length = round(duration * NANOSECONDS)
    scene = Scene(seed, activities)
    by_sensor = sensor_streams(scene, AUDIO_CHUNK)
    sources = [labels(scene, length), *(messages_of(by_sensor[name], length) for name in sensors)]
    name = path.name
    custom = {'subject': name, 'session': name, 'source': 'simulation', 'seed': str(seed)}
    with BagWriter(path, custom) as bag:
        if 'audio' in sensors:
            info = messages.audio_info(1, scene.microphone.rate)
            bag.write('/audio/audio_info', info, EPOCH)
        for stamp, topic, message in heapq.merge(*sources, key=lambda item: item[0]):
            bag.write(topic, message, stamp)


def main(argv: list[str] | None = None) -> int:
    """Write the bags; 1 if one cannot be written, else 0."""
    parser = argparse.ArgumentParser(
        prog='simulate_bags', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('out', type=Path, metavar='OUT', help='directory for the bags')
    add('--subjects', type=int, default=6, metavar='N', help='people (default: 6)')
    add('--duration', type=positive, default=180.0, metavar='S',
        help='seconds in each bag (default: 180)')
    add('--seed', type=int, default=1000, metavar='K',
        help='seed of the first person; the next have K + 1, K + 2, ... (default: 1000)')
    add('--activities', nargs='+', default=[], metavar='A',
        help=f'only these; all are {", ".join(ACTIVITIES)}')
    add('--sensors', nargs='+', default=SENSORS, choices=SENSORS, metavar='SENSOR',
        help='only these of imu, camera, audio; a minute of images takes 50 MB')
    args = parser.parse_args(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    seeds = range(args.seed, args.seed + args.subjects)
    try:
        check_activities(args.activities)
        for seed in track(seeds, 'simulating', console=console):
            path = args.out / f'sim{seed}'
            write_person(path, seed, args.duration, args.activities, args.sensors)
            print(path)
    except (OSError, ValueError) as error:
        console.print(str(error))
        return 1
    return 0
