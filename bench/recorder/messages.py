# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Messages of three sensors, each with a unique number, and when they are due."""

from __future__ import annotations

from collections.abc import Iterator
import heapq
import struct
from typing import Any

from bench.common.messages import SECOND, serialise, STAMP
from dcat_ros.bags import messages
from dcat_ros.modalities import MODALITIES
import numpy as np

IMU_RATE, AUDIO_RATE = 400, 100
SAMPLE_RATE = 16_000
HEIGHT, WIDTH = 480, 640
NUMBER = 8  # bytes at the end of a serialised message


class Stream:
    """The messages of one sensor.

    :param modality: that has the topic.
    :param message: template of all messages.
    :param rate: messages per second.
    """

    def __init__(self, modality: str, message: Any, rate: int) -> None:
        self.topic = f'/{MODALITIES[modality].topic}'
        self.msgtype = message.__msgtype__
        self.rate = rate
        template = serialise(message)
        self.size = len(template)
        self._head = template[:STAMP.start]
        self._middle = template[STAMP.stop:-NUMBER]

    def due(self, number: int) -> int:
        """Return when a message is to be published, in ns from the start."""
        return number * SECOND // self.rate

    def count(self, seconds: float) -> int:
        """Return how many messages are due in so many seconds."""
        return round(seconds * self.rate)

    def serialised(self, number: int, origin: int) -> bytes:
        """Return a message with its due time as stamp and its number in the last bytes.

        :param origin: stamp of message 0, ns.
        """
        stamp = struct.pack('<iI', *divmod(origin + self.due(number), SECOND))
        return b''.join((self._head, stamp, self._middle, number.to_bytes(NUMBER, 'little')))


def number_of(serialised: bytes | memoryview) -> int:
    """Return the number of a message."""
    return int.from_bytes(serialised[-NUMBER:], 'little')


def streams(image_rate: int) -> dict[str, Stream]:
    """Return the stream of each sensor; images and sound are noise, which cannot be compressed."""
    noise = np.random.default_rng(0)
    pixels = noise.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    sound = noise.integers(-1000, 1000, SAMPLE_RATE // AUDIO_RATE, np.int16)
    return {
        'imu': Stream('imu', messages.imu(0, 'wrist', np.ones(6)), IMU_RATE),
        'camera': Stream('camera', messages.image(0, 'head', 'bgr8', pixels), image_rate),
        'audio': Stream('audio', messages.audio(0, 'chest', sound), AUDIO_RATE),
    }


def schedule(load: dict[str, Stream], seconds: float) -> Iterator[tuple[int, str, int]]:
    """Yield time due (ns from the start), sensor and number of each message, in order of time."""
    def of_sensor(sensor: str) -> Iterator[tuple[int, str, int]]:
        for number in range(load[sensor].count(seconds)):
            yield load[sensor].due(number), sensor, number

    return heapq.merge(*map(of_sensor, load))
