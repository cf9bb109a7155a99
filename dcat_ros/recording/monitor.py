# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What is known of a topic while it is listened to, whether or not it is recorded."""

from __future__ import annotations

from collections import deque

from dcat_ros.modalities.base import NANOSECONDS


class Beat:
    """Counts messages as they arrive, and tells their rate and their silence.

    `tick` is called by the receiver, the rest by who watches. ``regular`` tells whether so many
    messages came once that silence means something.
    """

    WINDOW = 15
    REGULAR = 2.0

    def __init__(self) -> None:
        self.count = self.bytes = 0
        self.last = 0.0
        self.regular = False
        self._marks: deque[tuple[float, int, int]] = deque(maxlen=self.WINDOW)

    def tick(self, size: int, now: float) -> None:
        """Count a message of so many bytes; `now` in s on a clock that never jumps."""
        self.count += 1
        self.bytes += size
        self.last = now

    def mark(self, now: float) -> None:
        """Note the counts of this moment; `rate` and `bandwidth` are over the newest marks."""
        self._marks.append((now, self.count, self.bytes))
        whole = len(self._marks) == self.WINDOW
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

    def _per_second(self, which: int) -> float:
        if len(self._marks) < 2:
            return 0.0
        first, last = self._marks[0], self._marks[-1]
        return (last[which] - first[which]) / (last[0] - first[0])


class Stamps:
    """Judges a topic's header stamps in the order of arrival.

    ``age`` is that of the newest, in s; the rest are counts.
    """

    JUMP = NANOSECONDS

    def __init__(self) -> None:
        self.last = 0
        self.age = 0.0
        self.out_of_order = self.jumps = self.unset = self.malformed = 0

    def take(self, stamp: int, now: int) -> None:
        """Take the stamp of a message that arrived at `now`; both in ns, 0 for an unset stamp."""
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
