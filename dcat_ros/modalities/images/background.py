# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Removes the room from the images of a depth camera that does not move."""

import cv2
from dcat_ros.modalities.base import NANOSECONDS
import numpy as np
from numpy.typing import NDArray

ROOM = 0.6
"""Share of pixels with a reading from which on an image shows a room."""
LEARNING = 2.0
"""s in which the room is learnt and nobody is seen."""
MARGIN, MARGIN_BY_DISTANCE = 0.08, 0.02
"""m, and m per m of distance: nearer than the room by more is no part of it."""
UNCOVERED, DRIFT = 0.4, 10.0
"""s within which the model follows: where the room appears behind something, and slowly."""
ABSORBED, ALL = 60.0, 0.9
"""s after which something is a part of the room, and the share of it that has not moved."""
MOVED, MOVED_FOR = 0.7, 1.0
"""Share of the pixels, and s for which they differ, from which on the camera itself has moved."""
LONGEST_STEP = 0.5
"""s between two images that count at most."""
COLUMNS = 160
"""Most columns of the images that are compared."""
SMALLEST = 0.004
"""Share of the image that a person covers at least."""
LEAST_PIXELS = 4
"""Of a part of it that is apart from the rest in the image."""
APART = 0.6
"""m between the distances of a person and of something that is not a part of that person."""


class Background:
    """The distance of the room in each pixel, learnt from the images themselves.

    An image whose background was removed already, with readings in less than :data:`ROOM` of its
    pixels, passes unchanged. Somebody who is in view from the beginning appears by and by as they
    move, since what appears behind them is farther away.
    """

    def __init__(self) -> None:
        self._room: NDArray[np.float32] | None = None

    def person(self, image: NDArray[np.float32], stamp: int) -> NDArray[np.float32]:
        """Return the image with 0 where it shows the room.

        :param image: (rows, columns), m, 0 where there is no reading.
        :param stamp: ns.
        """
        step = -(-image.shape[1] // COLUMNS)
        small = image[::step, ::step]
        if self._room is None or self._room.shape != small.shape:
            if np.count_nonzero(small) < ROOM * small.size:
                return image
            self._begin(small, stamp)
        mask = self._update(small, stamp)
        rows, columns = image.shape
        whole = mask.repeat(step, axis=0).repeat(step, axis=1)[:rows, :columns]
        return image * whole

    def _begin(self, small: NDArray[np.float32], stamp: int) -> None:
        self._room = small.copy()
        self._still = np.zeros_like(small)
        self._last, self._age, self._differs = (small, stamp), 0.0, 0.0

    def _update(self, small: NDArray[np.float32], stamp: int) -> NDArray[np.bool_]:
        """Compare an image with the room, then let the room follow; return what is before it."""
        assert self._room is not None
        before, last = self._last
        elapsed = min(abs(stamp - last) / NANOSECONDS, LONGEST_STEP)
        read, margin = small > 0, MARGIN + MARGIN_BY_DISTANCE * small
        self._last, self._age = (np.where(read, small, before), stamp), self._age + elapsed
        room = self._room
        if self._age < LEARNING:
            np.maximum(room, small, out=room)
            return np.zeros(small.shape, np.bool_)
        nearer = read & ((room == 0) | (small < room - margin))
        farther = read & (room > 0) & (small > room + margin)
        if np.count_nonzero(nearer | farther) > MOVED * np.count_nonzero(read):
            self._differs += elapsed
            if self._differs > MOVED_FOR:
                self._begin(small, stamp)
                return np.zeros(small.shape, np.bool_)
        else:
            self._differs = 0.0
        follow = np.where(farther, min(1.0, elapsed / UNCOVERED), elapsed / DRIFT)
        room += np.where(read & ~nearer, follow * (small - room), 0.0).astype(np.float32)
        is_still = nearer & (np.abs(small - before) < margin)
        self._still[read] = np.where(is_still, self._still + elapsed, 0.0)[read]
        parts = [part for part in _parts(nearer) if not self._absorb(part, small)]
        if not parts or np.count_nonzero(parts[0]) < SMALLEST * small.size:
            return np.zeros(small.shape, np.bool_)
        distance = np.median(small[parts[0]])
        near = [part for part in parts if abs(np.median(small[part]) - distance) < APART]
        return np.logical_or.reduce(near)

    def _absorb(self, part: NDArray[np.bool_], small: NDArray[np.float32]) -> bool:
        """Make a part of an image a part of the room if it has not moved for long."""
        assert self._room is not None
        if np.mean(self._still[part] > ABSORBED) < ALL:
            return False
        self._room[part] = small[part]
        return True


def _parts(mask: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Return the connected parts of a mask, the largest first, without the smallest ones."""
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    sizes = statistics[1:, cv2.CC_STAT_AREA]
    order = [index for index in np.argsort(-sizes) if sizes[index] >= LEAST_PIXELS]
    return [labels == index + 1 for index in order]
