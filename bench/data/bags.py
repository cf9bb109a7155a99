# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The measured recipes, and simulated bags for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import heapq
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.inference.messages import images
from dcat_ros.bags.writer import BagWriter
from dcat_ros.commands.simulate_bags import EPOCH, labels, NANOSECONDS, write_person
from dcat_ros.simulation import Scene

RECIPES = {'imu': 'imu_utd_mhad', 'camera': 'camera', 'depth': 'depth_utd_mhad'}
"""The recipe of each sensor; `camera` is a colour camera, reduced to grey."""

SUBJECTS = 4
FIRST_SEED = 1000
DEPTH_RATE = 30


def write_bag(sensor: str, path: Path, seed: int, duration: float) -> None:
    """Write the bag of one person.

    :param sensor: of `RECIPES`.
    :param path: of the bag, must not exist.
    :param seed: of the simulated person.
    :param duration: s.
    """
    if sensor == 'depth':
        _write_depth(path, seed, duration)
    else:
        write_person(path, seed, duration, (), (sensor,))


def write_bags(sensor: str, folder: Path, duration: float, advance: Callable[[], object]) -> None:
    """Write the bags of all persons for one sensor.

    :param duration: of each bag, s.
    :param advance: called after each bag.
    """
    for seed in range(FIRST_SEED, FIRST_SEED + SUBJECTS):
        write_bag(sensor, folder / f'sim{seed}', seed, duration)
        advance()


def _write_depth(path: Path, seed: int, duration: float) -> None:
    """Write depth images of moving arms, with the labels of a simulated person."""
    length = round(duration * NANOSECONDS)
    with BagWriter(path, {'subject': path.name}) as bag:
        merged = heapq.merge(
            labels(Scene(seed), length), _frames(length), key=lambda item: item[0]
        )
        for stamp, topic, message in merged:
            bag.write(topic, message, stamp)


def _frames(length: int) -> Iterator[tuple[int, str, Any]]:
    for number, image in enumerate(cycle(list(images()))):
        since = number * NANOSECONDS // DEPTH_RATE
        if since >= length:
            return
        stamp = image.header.stamp
        stamp.sec, stamp.nanosec = divmod(EPOCH + since, NANOSECONDS)
        yield EPOCH + since, '/camera/image_raw', image
