# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The witness of pairing: what message_filters makes of two sensors' stamps.

No data pass through it: an `ApproximateTimeSynchronizer` keeps one message of each match and drops
the others, so it only sees light objects with a stamp.
"""

from __future__ import annotations

from array import array
from statistics import median
from types import SimpleNamespace
from typing import Any

from dcat_ros.modalities.base import NANOSECONDS
from message_filters import ApproximateTimeSynchronizer, SimpleFilter
from rclpy.clock import ClockType
from rclpy.time import Time


class Pairing:
    """Counts the matches of two topics and their offsets.

    Its synchronizer is renewed when stamps jump back by more than `CLOCK_JUMP`, after which its
    queues would evict each new message, and after an error, which may leave its lock held.

    :param topics: two names.
    :param slop: largest difference in s of two stamps that match.
    """

    CLOCK_JUMP = NANOSECONDS
    QUEUE = 30

    def __init__(self, topics: tuple[str, str], slop: float) -> None:
        self.topics = topics
        self.slop = slop
        self.restarts = 0
        self.error = ''
        self._seen = [0, 0]
        self._last = [0, 0]
        self._offsets = array('q')
        self._worst = 0
        self._renew()

    @property
    def matches(self) -> int:
        """Return the number of pairs so far."""
        return len(self._offsets)

    @property
    def unmatched(self) -> dict[str, int]:
        """Return the number of messages of each topic that no pair has."""
        return {
            topic: seen - self.matches
            for topic, seen in zip(self.topics, self._seen, strict=True)
        }

    @property
    def worst(self) -> float | None:
        """Return the offset (s) that is farthest from 0, None before there is one."""
        return self._worst / NANOSECONDS if self.matches else None

    def observe(self, topic: str, stamp: int) -> None:
        """Take the stamp (ns) of a message of one of the topics; best in the order of stamps."""
        side = self.topics.index(topic)
        if stamp < self._last[side] - self.CLOCK_JUMP:
            self._restart()
        self._last[side] = max(stamp, self._last[side])
        self._seen[side] += 1
        time = Time(nanoseconds=stamp, clock_type=ClockType.ROS_TIME)
        message = SimpleNamespace(header=SimpleNamespace(stamp=time))
        try:
            self._filters[side].signalMessage(message)
        except Exception as error:  # noqa: BLE001 - a witness must not disturb what it watches
            self.error = repr(error)
            self._restart()

    def record(self) -> dict[str, Any]:
        """Return what the bag keeps of it: counts, and offsets of the second stamp in s."""
        offsets = [offset / NANOSECONDS for offset in self._offsets]
        return {
            'topics': list(self.topics),
            'slop': self.slop,
            'matches': self.matches,
            'unmatched': self.unmatched,
            'offset_median': median(offsets) if offsets else None,
            'offset_worst': self.worst,
            'restarts': self.restarts,
        }

    def _restart(self) -> None:
        self.restarts += 1
        self._last = [0, 0]
        self._renew()

    def _renew(self) -> None:
        self._filters = SimpleFilter(), SimpleFilter()
        synchronizer = ApproximateTimeSynchronizer(
            list(self._filters), self.QUEUE, self.slop
        )
        synchronizer.registerCallback(self._match)

    def _match(self, first: Any, second: Any) -> None:
        offset = second.header.stamp.nanoseconds - first.header.stamp.nanoseconds
        self._offsets.append(offset)
        self._worst = max(self._worst, offset, key=abs)
