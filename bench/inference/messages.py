# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""IMU and depth messages that the benches publish or write."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from bench.common.messages import serialise, stamped
from dcat_ros.bags import messages
import numpy as np

ROWS, COLUMNS = 240, 320  # as the depth camera of UTD-MHAD
FRAMES = {'imu': 'wrist', 'camera': 'head'}
"""The frame_id of each sensor's messages."""


def inertial() -> Iterator[Any]:
    """Yield one second of IMU messages of a swinging arm, with noise."""
    random = np.random.default_rng(0)
    for phase in np.linspace(0.0, 2.0 * np.pi, 100, endpoint=False):
        swing = np.array([9.81, 3.0 * np.sin(phase), 2.0 * np.cos(phase), 0.0, 0.0, 0.0])
        swing[3:] = 2.0 * np.cos(phase + np.arange(3))
        yield messages.imu(0, FRAMES['imu'], swing + random.normal(0.0, 0.1, 6))


def images() -> Iterator[Any]:
    """Yield 16UC1 images, in mm, of a person 2.5 m away who raises both arms."""
    for reach in range(60, 140, 4):
        pixels = np.zeros((ROWS, COLUMNS), np.uint16)
        pixels[40:75, 145:175] = 2500  # head
        pixels[75:230, 130:190] = 2550  # trunk and legs
        pixels[reach:reach + 15, 85:235] = 2450  # arms
        yield messages.image(0, FRAMES['camera'], '16UC1', pixels)


MESSAGES = {'imu': inertial, 'camera': images}


class MessageLoop:
    """The serialised messages of one sensor, repeated without end.

    :param sensor: ``imu`` or ``camera``.
    """

    def __init__(self, sensor: str) -> None:
        self._next = cycle([serialise(message) for message in MESSAGES[sensor]()])

    def message(self, stamp: int) -> bytes:
        """Return the next message, with a stamp in ns."""
        return stamped(next(self._next), stamp)
