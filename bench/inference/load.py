# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the sensors send: serialised messages, whose stamps are set when they are published."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
import struct
from typing import Any

from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
import numpy as np

SECOND = 10**9
STAMP = slice(4, 12)  # of the header in a serialised message
ROWS, COLUMNS = 240, 320  # of the camera of UTD-MHAD
FRAMES = {'imu': 'wrist', 'camera': 'head'}
"""The frame_id of each sensor's messages."""


def inertial() -> Iterator[Any]:
    """Yield messages of a second's swing of an arm, and noise."""
    random = np.random.default_rng(0)
    for phase in np.linspace(0.0, 2.0 * np.pi, 100, endpoint=False):
        swing = np.array([9.81, 3.0 * np.sin(phase), 2.0 * np.cos(phase), 0.0, 0.0, 0.0])
        swing[3:] = 2.0 * np.cos(phase + np.arange(3))
        yield messages.imu(0, FRAMES['imu'], swing + random.normal(0.0, 0.1, 6))


def images() -> Iterator[Any]:
    """Yield 16UC1 images, in mm, of somebody 2.5 m away who raises and lowers both arms."""
    for reach in range(60, 140, 4):
        pixels = np.zeros((ROWS, COLUMNS), np.uint16)
        pixels[40:75, 145:175] = 2500  # head
        pixels[75:230, 130:190] = 2550  # trunk and legs
        pixels[reach:reach + 15, 85:235] = 2450  # arms
        yield messages.image(0, FRAMES['camera'], '16UC1', pixels)


MAKERS = {'imu': inertial, 'camera': images}


class Feed:
    """The messages of one sensor, over and over.

    :param sensor: ``imu`` or ``camera``.
    """

    def __init__(self, sensor: str) -> None:
        made = list(MAKERS[sensor]())
        store = typestore()
        serialised = [bytes(store.serialize_cdr(each, each.__msgtype__)) for each in made]
        self._next = cycle(serialised)

    def message(self, stamp: int) -> bytes:
        """Return the next message, with a stamp in ns."""
        data = next(self._next)
        packed = struct.pack('<iI', *divmod(stamp, SECOND))
        return b''.join((data[:STAMP.start], packed, data[STAMP.stop:]))
