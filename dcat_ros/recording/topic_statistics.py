# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Statistics of a subscribed topic, whether or not a session runs."""

from __future__ import annotations

from collections import deque

from dcat_ros.modalities.base import NANOSECONDS


class RateStatistics:
    """Counts messages on arrival, and computes their rate.

    The receiver thread calls `count_message`, other code the rest. ``regular`` becomes true once
    the rate has been high enough for silence to be a fault.
    """

    WINDOW = 15
    REGULAR = 2.0

    def __init__(self) -> None:
        self.count = self.bytes = 0
        self.last = 0.0
        self.regular = False
        self._samples: deque[tuple[float, int, int]] = deque(maxlen=self.WINDOW)

    def count_message(self, size: int, now: float) -> None:
        """Count a message of `size` bytes; `now` in s of a steady clock."""
        self.count += 1
        self.bytes += size
        self.last = now

    def sample(self, now: float) -> None:
        """Sample the counts; `rate` and `bandwidth` are those of the newest `WINDOW` samples."""
        self._samples.append((now, self.count, self.bytes))
        whole = len(self._samples) == self.WINDOW
        self.regular = self.regular or (whole and self.rate >= self.REGULAR)

    @property
    def rate(self) -> float:
        """Messages per second."""
        return self._per_second(1)

    @property
    def bandwidth(self) -> float:
        """Bytes per second."""
        return self._per_second(2)

    def silence(self, now: float) -> float:
        """Return the seconds since the last message, 0.0 before the first."""
        return now - self.last if self.count else 0.0

    def _per_second(self, column: int) -> float:
        if len(self._samples) < 2:
            return 0.0
        first, last = self._samples[0], self._samples[-1]
        return (last[column] - first[column]) / (last[0] - first[0])


class StampStatistics:
    """Checks a topic's header stamps in the order of arrival.

    ``age`` is that of the newest stamp in s; the other attributes are counts.
    """

    JUMP = NANOSECONDS

    def __init__(self) -> None:
        self.last = 0
        self.age = 0.0
        self.out_of_order = self.jumps = self.unset = self.malformed = 0

    def check(self, stamp: int, now: int) -> None:
        """Check the stamp of a message that arrived at `now`; both in ns, 0 for an unset stamp."""
        if not stamp:
            self.unset += 1
            return
        if stamp < self.last - self.JUMP:
            self.jumps += 1
        elif stamp <= self.last:
            self.out_of_order += 1
            stamp = self.last
        self.last = stamp
        self.age = (now - stamp) / NANOSECONDS
