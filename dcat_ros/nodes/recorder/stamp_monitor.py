# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Checks the stamps of received messages, and counts pairs of sensors."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import combinations

from dcat_ros.modalities import DecodeError
from dcat_ros.modalities.cdr import header_stamp
from dcat_ros.nodes.recorder.pairing import Pairing
from dcat_ros.nodes.recorder.recorded_topic import MessageSink, ReceivedMessage, RecordedTopic
from dcat_ros.recording.topic_statistics import StampStatistics


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
