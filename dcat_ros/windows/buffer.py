# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A contiguous store of the newest samples of one stream."""

from dcat_ros.modalities.base import Samples
import numpy as np
from numpy.typing import NDArray


class SampleBuffer:
    """Appends at the end, forgets at the front, and shows what is held as one array."""

    def __init__(self) -> None:
        self._stamps: NDArray[np.int64] = np.empty(0, np.int64)
        self._values: NDArray[np.float32] = np.empty(0, np.float32)
        self.clear()

    def clear(self) -> None:
        """Forget every sample."""
        self._first = self._last = 0

    def __len__(self) -> int:
        return self._last - self._first

    @property
    def samples(self) -> Samples:
        """Return the samples held, oldest first; a view that the next append may overwrite."""
        held = slice(self._first, self._last)
        return Samples(self._stamps[held], self._values[held])

    def append(self, samples: Samples) -> None:
        """Add samples that are newer than all held."""
        count = len(samples.stamps)
        shape = samples.values.shape[1:]
        if not len(self) and self._values.shape[1:] != shape:
            self._values = np.empty((0, *shape), np.float32)
            self._stamps = np.empty(0, np.int64)
            self.clear()
        if self._last + count > len(self._stamps):
            self._make_room(count)
        added = slice(self._last, self._last + count)
        self._stamps[added] = samples.stamps
        self._values[added] = samples.values
        self._last += count

    def forget_before(self, stamp: int) -> None:
        """Forget the samples older than ``stamp``, but for the newest of them."""
        held = self._stamps[self._first:self._last]
        self._first += max(int(np.searchsorted(held, stamp)) - 1, 0)

    def _make_room(self, count: int) -> None:
        held = self.samples
        capacity = 2 * (len(self) + count)
        stamps = np.empty(capacity, np.int64)
        values = np.empty((capacity, *self._values.shape[1:]), np.float32)
        stamps[:len(self)] = held.stamps
        values[:len(self)] = held.values
        self._stamps, self._values = stamps, values
        self._first, self._last = 0, len(held.stamps)
