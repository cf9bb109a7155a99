# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Windows of two or more sensors at the same time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
import heapq
from itertools import count, repeat
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from dcat_ros.bags.entry import CachedWindows
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.windows import BagWindow, View, WindowReader
from dcat_ros.modalities.base import NANOSECONDS
import numpy as np
from numpy.typing import NDArray

T = TypeVar('T')

PATIENCE = 10 * NANOSECONDS
"""How long, in ns of stamps, an item waits for streams that come later."""


class Pair(NamedTuple):
    """One window of each sensor, in the order of the views."""

    windows: tuple[BagWindow, ...]

    @property
    def offsets(self) -> tuple[int, ...]:
        """Nanoseconds from the end of the first window to that of each further one."""
        first, *others = self.windows
        return tuple(other.end - first.end for other in others)

    @property
    def label(self) -> str:
        """Return the activity, empty where the windows do not agree on one."""
        labels = {window.label for window in self.windows}
        return labels.pop() if len(labels) == 1 else ''


class Matcher(Generic[T]):
    """Matches the items of several streams by time, as they come.

    Two items match if each is the nearest to the other in its stream, the earlier of two equally
    near ones, and their times differ by no more than the tolerance. A match needs an item of the
    first stream and, for it, one of every other. Times rise within a stream; one that falls back
    (a looped recording, a clock set back) begins a new epoch, and no match spans two.

    What is held is bounded: an item waits until the others' times have passed its own, or until
    any stream is `PATIENCE` ahead of it.

    :param streams: how many there are.
    :param tolerance: s.
    :raises ValueError: if the tolerance is negative.
    """

    def __init__(self, streams: int, tolerance: float) -> None:
        if not tolerance >= 0:
            raise ValueError(f'tolerance of pairs is {tolerance} s, expected 0 or more')
        self._tolerance = round(tolerance * NANOSECONDS)
        self._patience = PATIENCE + 2 * self._tolerance
        self._held: list[deque[tuple[int, T]]] = [deque() for _ in range(streams)]
        self._begin()

    def _begin(self) -> None:
        for held in self._held:
            held.clear()
        self._newest: list[int | None] = [None] * len(self._held)
        self._before: int | None = None

    def push(self, stream: int, time: int, item: T) -> Iterator[tuple[T, ...]]:
        """Take an item and yield the matches that are certain now, in order of time."""
        newest = self._newest[stream]
        if newest is not None and time <= newest:
            yield from self.finish()
        self._newest[stream] = time
        self._held[stream].append((time, item))
        too_old = max(known for known in self._newest if known is not None) - self._patience
        first = self._held[0]
        while first and (first[0][0] < too_old or self._is_certain()):
            yield from self._decide()
        for held in self._held[1:]:
            while held and held[0][0] < too_old:
                held.popleft()

    def finish(self) -> Iterator[tuple[T, ...]]:
        """Yield the matches among what is left, and begin a new epoch."""
        while self._held[0]:
            yield from self._decide()
        self._begin()

    def _is_certain(self) -> bool:
        """Tell whether nothing that is still to come can change the oldest item's matches."""
        first = self._held[0]
        time, _ = first[0]
        passed = all(known is not None and known >= time for known in self._newest[1:])
        return passed and len(first) > 1

    def _decide(self) -> Iterator[tuple[T, ...]]:
        """Take the oldest item of the first stream out and yield its match, if there is one."""
        first, *others = self._held
        time, item = first.popleft()
        after = first[0][0] if first else None
        match = [item]
        for held in others:
            while held and held[0][0] < time - self._tolerance:
                held.popleft()
            found = self._partner(held, time, after)
            if found is not None:
                match.append(found)
        self._before = time
        if len(match) == len(self._held):
            yield tuple(match)

    def _partner(self, held: deque[tuple[int, T]], time: int, after: int | None) -> T | None:
        near = [entry for entry in held if entry[0] <= time + self._tolerance]
        if not near:
            return None
        other, item = min(near, key=lambda entry: abs(entry[0] - time))
        distance = abs(other - time)
        if self._before is not None and other - self._before <= distance:
            return None
        if after is not None and after - other < distance:
            return None
        return item


def pairs(bag: Path, views: Sequence[View], tolerance: float | None = None) -> Iterator[Pair]:
    """Yield the windows of several sensors of a bag that end at the same time.

    The bag is read once; around a jump of a sensor's clock some windows go without a pair.

    :param tolerance: s between the ends of a pair's windows, see :class:`Matcher`; by default
        half the smallest stride.
    :raises BagError: as of :class:`WindowReader`.
    :raises ValueError: if the tolerance is negative.
    """
    seconds = half_stride(views) if tolerance is None else tolerance
    matcher: Matcher[BagWindow] = Matcher(len(views), seconds)
    with BagReader(bag) as reader:
        for number, window in WindowReader(reader, views):
            for match in matcher.push(number, window.end, window):
                yield Pair(match)
        for match in matcher.finish():
            yield Pair(match)


def paired_rows(entries: Sequence[CachedWindows], tolerance: float) -> NDArray[np.intp]:
    """Return which windows of one bag's cached sensors make the pairs that `pairs` yields.

    :param tolerance: s, see :func:`pairs`.
    :return: (pairs, entries), the window's number in each entry.
    :raises ValueError: if the tolerance is negative.
    """
    matcher: Matcher[int] = Matcher(len(entries), tolerance)
    merged = heapq.merge(*(
        zip(entry.arrivals.tolist(), repeat(number), entry.ends.tolist(), count())
        for number, entry in enumerate(entries)
    ))
    rows = [
        match for _, number, end, row in merged for match in matcher.push(number, end, row)
    ]
    rows += matcher.finish()
    return np.array(rows, np.intp).reshape(-1, len(entries))


def half_stride(views: Sequence[View]) -> float:
    """Return half the smallest stride of the views, in s."""
    return min(view.spec.stride for view in views) / 2
