# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The answers of the last minute."""

from __future__ import annotations

from collections import Counter, deque
from statistics import fmean
from typing import NamedTuple

from dcat_ros.inference import UNKNOWN
from dcat_ros.modalities.base import NANOSECONDS


class Heard(NamedTuple):
    """An answer as it was received.

    ``arrival``: s on a clock that never jumps. ``stamp``: ROS time of the window's last sample,
    ``now``: of the reception, both in ns. ``score``: 0 to 1. ``others``: how many classes follow.
    """

    arrival: float
    stamp: int
    now: int
    frame_id: str
    label: str
    score: float
    others: int

    @property
    def latency(self) -> float | None:
        """Seconds from stamp to reception; None without a window or without a clock."""
        without_window = self.label == UNKNOWN and not self.others
        return None if without_window or not self.now else (self.now - self.stamp) / NANOSECONDS


class Cell(NamedTuple):
    """The commonest class of one second, and its mean score."""

    label: str
    score: float


class History:
    """Keeps answers for `SECONDS`, and the newest one for ever."""

    SECONDS = 60
    RATE_WINDOW = 5.0  # s

    def __init__(self) -> None:
        self.newest: Heard | None = None
        self._heard: deque[Heard] = deque()

    def add(self, heard: Heard) -> None:
        """Take an answer; arrivals rise."""
        self.newest = heard
        self._heard.append(heard)
        while int(self._heard[0].arrival) <= int(heard.arrival) - self.SECONDS:
            self._heard.popleft()

    def cells(self, now: float) -> list[Cell | None]:
        """Return one cell for each second, the present one last; None where no answer came."""
        seconds: dict[int, list[Heard]] = {}
        for heard in reversed(self._heard):
            seconds.setdefault(int(heard.arrival), []).append(heard)
        last = int(now)
        return [
            _cell(seconds[second]) if second in seconds else None
            for second in range(last - self.SECONDS + 1, last + 1)
        ]

    def rate(self, now: float) -> float:
        """Return the answers per second of late, 0.0 where there are not two."""
        arrivals = [h.arrival for h in self._heard if h.arrival > now - self.RATE_WINDOW]
        if len(arrivals) < 2 or arrivals[-1] == arrivals[0]:
            return 0.0
        return (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])

    def latencies(self, now: float) -> list[float]:
        """Return the latencies of the last minute in s."""
        since = now - self.SECONDS
        return [
            h.latency for h in self._heard if h.arrival > since and h.latency is not None
        ]


def _cell(newest_first: list[Heard]) -> Cell:
    label, _ = Counter(heard.label for heard in newest_first).most_common(1)[0]
    return Cell(label, fmean(heard.score for heard in newest_first if heard.label == label))
