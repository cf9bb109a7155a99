# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The results of the last minute."""

from __future__ import annotations

from collections import Counter, deque
from statistics import fmean
from typing import NamedTuple

from dcat_ros.inference import UNKNOWN
from dcat_ros.modalities.base import NANOSECONDS


class ActivityResult(NamedTuple):
    """A result as it was received.

    ``arrival``: s on a steady clock. ``stamp``: ROS time of the window's last sample,
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


class SecondSummary(NamedTuple):
    """The most frequent class of one second, and its mean score."""

    label: str
    score: float


class History:
    """Keeps results for `SECONDS`, and the newest one without limit."""

    SECONDS = 60
    RATE_WINDOW = 5.0  # s

    def __init__(self) -> None:
        self.newest: ActivityResult | None = None
        self._results: deque[ActivityResult] = deque()

    def add(self, result: ActivityResult) -> None:
        """Add a result; arrivals rise."""
        self.newest = result
        self._results.append(result)
        while int(self._results[0].arrival) <= int(result.arrival) - self.SECONDS:
            self._results.popleft()

    def cells(self, now: float) -> list[SecondSummary | None]:
        """Return a summary of each second, the current one last; None without a result."""
        seconds: dict[int, list[ActivityResult]] = {}
        for result in reversed(self._results):
            seconds.setdefault(int(result.arrival), []).append(result)
        last = int(now)
        return [
            _cell(seconds[second]) if second in seconds else None
            for second in range(last - self.SECONDS + 1, last + 1)
        ]

    def rate(self, now: float) -> float:
        """Return the recent results per second, 0.0 for fewer than two."""
        arrivals = [h.arrival for h in self._results if h.arrival > now - self.RATE_WINDOW]
        if len(arrivals) < 2 or arrivals[-1] == arrivals[0]:
            return 0.0
        return (len(arrivals) - 1) / (arrivals[-1] - arrivals[0])

    def latencies(self, now: float) -> list[float]:
        """Return the latencies of the last minute in s."""
        since = now - self.SECONDS
        return [
            h.latency for h in self._results if h.arrival > since and h.latency is not None
        ]


def _cell(newest_first: list[ActivityResult]) -> SecondSummary:
    label, _ = Counter(result.label for result in newest_first).most_common(1)[0]
    scores = [result.score for result in newest_first if result.label == label]
    return SecondSummary(label, fmean(scores))
