# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the recorder knows of stamps and pairs while they come."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import combinations

from dcat_ros.modalities import DecodeError
from dcat_ros.modalities.cdr import header_stamp
from dcat_ros.nodes.recorder.pairing import Pairing
from dcat_ros.nodes.recorder.recorded_topic import Feed, Heard, Intake
from dcat_ros.recording.monitor import Stamps


class Watch:
    """Looks at what was heard, some time after it was.

    Pairs are looked for in the order of stamps: each stamp waits until others are `HOLD` newer, so
    that a sensor which lags behind finds its partner still in a short queue.

    :param intake: where messages were heard.
    :param feeds: of the sensors, each pair of which is watched.
    :param slop: s, see :class:`Pairing`.
    """

    HOLD = 500_000_000
    MOST_HELD = 20_000

    def __init__(self, intake: Intake, feeds: Iterable[Feed], slop: float) -> None:
        self._intake = intake
        self._slop = slop
        self._names = [feed.name for feed in feeds]
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

    def look(self) -> None:
        """Take what was heard since the last look."""
        heard = self._intake.heard
        while heard:
            self._take(heard.popleft())
        self._observe(self._newest - self.HOLD)

    def end(self) -> None:
        """Take what was heard, and let nothing wait."""
        self.look()
        self._observe(None)

    def _take(self, message: Heard) -> None:
        feed, head, arrival = message
        stamp = arrival
        if feed.has_header:
            try:
                stamp = header_stamp(head)
            except DecodeError:
                feed.stamps.malformed += 1
                return
            feed.stamps.take(stamp, arrival)
        if stamp and feed.name in self._last:
            self._hold(stamp, feed.name)

    def _hold(self, stamp: int, name: str) -> None:
        if stamp < self._last[name] - Stamps.JUMP:
            self._observe(None)
            self._newest = 0
        self._last[name] = stamp
        self._newest = max(self._newest, stamp)
        heappush(self._held, (stamp, name))
        if len(self._held) > self.MOST_HELD:
            self._observe(self._held[0][0])

    def _observe(self, until: int | None) -> None:
        """Let pairings see the stamps up to one (ns), or all."""
        while self._held and (until is None or self._held[0][0] <= until):
            stamp, name = heappop(self._held)
            for pairing in self._of[name]:
                pairing.observe(name, stamp)
