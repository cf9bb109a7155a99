# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Checks the stamps of received messages, and counts pairs of sensors by message_filters.

No data pass through message_filters: an `ApproximateTimeSynchronizer` keeps one message of each
match and drops the others, so it only gets objects with a stamp.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import combinations
from statistics import median
from types import SimpleNamespace
from typing import Any

from dcat_ros.modalities import DecodeError
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.modalities.cdr import header_stamp
from dcat_ros.nodes.recorder.recorded_topic import MessageSink, ReceivedMessage, RecordedTopic
from dcat_ros.recording.topic_statistics import StampStatistics
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


class StampMonitor:
    """Checks received messages some time after their arrival.

    Pairs are matched in the order of stamps: each stamp waits until others are `HOLD` newer, so
    that the message of a sensor that lags still meets its partner in a short queue.

    :param sink: of the received messages.
    :param topics: of the sensors; each pair of them is matched.
    :param slop: s, see :class:`Pairing`.
    """

    HOLD = 500_000_000
    MOST_HELD = 20_000

    def __init__(self, sink: MessageSink, topics: Iterable[RecordedTopic], slop: float) -> None:
        self._sink = sink
        self._slop = slop
        self._names = [topic.name for topic in topics]
        self._held: list[tuple[int, str]] = []
        self._last = dict.fromkeys(self._names, 0)
        self._newest = 0
        self.pairings: list[Pairing] = []
        self._of: dict[str, list[Pairing]] = {}
        self.begin()

    def begin(self) -> None:
        """Count pairs from now on."""
        self.end()
        self.pairings = [Pairing(pair, self._slop) for pair in combinations(self._names, 2)]
        self._of = {
            name: [pairing for pairing in self.pairings if name in pairing.topics]
            for name in self._names
        }

    def check(self) -> None:
        """Check what was received since the last call."""
        received = self._sink.received
        while received:
            self._check_message(received.popleft())
        self._match(self._newest - self.HOLD)

    def end(self) -> None:
        """Check what was received, and match all waiting stamps."""
        self.check()
        self._match(None)

    def _check_message(self, message: ReceivedMessage) -> None:
        topic, head, arrival = message
        stamp = arrival
        if topic.has_header:
            try:
                stamp = header_stamp(head)
            except DecodeError:
                topic.stamps.malformed += 1
                return
            topic.stamps.check(stamp, arrival)
            if topic.plausibility is not None:
                topic.plausibility.look_at(topic.type_name, head, arrival)
        if stamp and topic.name in self._last:
            self._hold(stamp, topic.name)

    def _hold(self, stamp: int, name: str) -> None:
        if stamp < self._last[name] - StampStatistics.JUMP:
            self._match(None)
            self._newest = 0
        self._last[name] = stamp
        self._newest = max(self._newest, stamp)
        heappush(self._held, (stamp, name))
        if len(self._held) > self.MOST_HELD:
            self._match(self._held[0][0])

    def _match(self, until: int | None) -> None:
        """Give the pairings all stamps up to one (ns), or all."""
        while self._held and (until is None or self._held[0][0] <= until):
            stamp, name = heappop(self._held)
            for pairing in self._of[name]:
                pairing.observe(name, stamp)
