# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The windows of several bags, numbered together; model inputs are read from disk on demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dcat_ros.bags.cache_entry import CachedWindows
from dcat_ros.bags.labels import Interval
from dcat_ros.modalities.base import NANOSECONDS
import numpy as np
from numpy.typing import NDArray

OUTSIDE = -1
"""The clip of a window outside of all clips."""


class Windows:
    """Windows of one sensor, in the order of bags and time; a row is a window's number.

    ``bags``, ``clips`` (`OUTSIDE` for none) and ``centres`` (ns) are int64 (n,), ``subjects`` str
    (n,). Clips are numbered through all bags. ``centre_clips`` are those that the centres lie in,
    also of windows that reach into another clip.

    :param entries: the cached windows of each bag, an attribute too.
    :param intervals: the labelled intervals of each bag, in order of time.
    :param rate: samples/s within a window.
    """

    def __init__(
        self,
        entries: Sequence[CachedWindows],
        intervals: Sequence[Sequence[Interval]],
        rate: float,
    ) -> None:
        self.entries = entries
        self._first = np.cumsum([0, *map(len, entries)])
        first_clips = np.cumsum([0, *map(len, intervals)])
        tolerance = round(0.5 * NANOSECONDS / rate)
        self.bags = np.repeat(np.arange(len(entries)), [len(entry) for entry in entries])
        self.clips = np.concatenate([
            _clips(entry, within, tolerance, int(first))
            for entry, within, first in zip(entries, intervals, first_clips, strict=False)
        ])
        by_bag = [entry.starts + (entry.ends - entry.starts) // 2 for entry in entries]
        self.centres = np.concatenate(by_bag)
        self.centre_clips = np.concatenate([
            _clips_at(centres, within, int(first))
            for centres, within, first in zip(by_bag, intervals, first_clips, strict=False)
        ])
        self.subjects = np.concatenate([entry.groups for entry in entries])
        self.refused = sum(entry.refused for entry in entries)

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of one model input."""
        return self.entries[0].inputs.shape[1:]

    def inputs(self, rows: Iterable[int]) -> NDArray[np.float32]:
        """Return the model inputs of some windows, shape (rows, ...)."""
        wanted = np.asarray(rows, np.int64).reshape(-1)
        found = np.empty((len(wanted), *self.shape), np.float32)
        for place, (row, bag) in enumerate(zip(wanted, self.bags[wanted], strict=True)):
            found[place] = self.entries[bag].inputs[row - self._first[bag]]
        return found

    def of(self, clips: Iterable[int]) -> NDArray[np.int64]:
        """Return the rows within some clips."""
        return np.flatnonzero(np.isin(self.clips, list(clips)))

    def of_each(self, clips: Iterable[int]) -> list[NDArray[np.int64]]:
        """Return the rows within each of some clips, apart."""
        order = np.argsort(self.clips, kind='stable')
        wanted = np.fromiter(clips, np.int64)
        ends = (np.searchsorted(self.clips, wanted, side, order) for side in ('left', 'right'))
        return [order[first:end] for first, end in zip(*ends, strict=True)]


def _clips_at(
    times: NDArray[np.int64], intervals: Sequence[Interval], first: int
) -> NDArray[np.int64]:
    """Return the clip that each time lies in."""
    if not intervals:
        return np.full(len(times), OUTSIDE)
    starts = np.array([interval.start for interval in intervals])
    ends = np.array([interval.end for interval in intervals])
    found = np.searchsorted(starts, times, side='right') - 1
    return np.where((found >= 0) & (times < ends[found]), found + first, OUTSIDE)


def _clips(
    entry: CachedWindows, intervals: Sequence[Interval], tolerance: int, first: int
) -> NDArray[np.int64]:
    """Return each window's clip, by the rule of :func:`dcat_ros.bags.windows.interval_of`."""
    if not intervals:
        return np.full(len(entry), OUTSIDE)
    starts = np.array([interval.start for interval in intervals])
    found = np.searchsorted(starts, entry.starts + tolerance, side='right') - 1
    return np.where(entry.labels != '', found + first, OUTSIDE)
