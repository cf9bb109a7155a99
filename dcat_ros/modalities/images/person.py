# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Depth frames normalised to the person in them: cut out, centred, scaled to body height."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 40, 32  # pixels of the model input
SPAN = 1.35  # height of the crop in body heights; its width follows from the aspect ratio
HEADROOM = 0.27  # of which this much lies above the head
TRUNK = 0.12  # half width of the column that holds head and trunk, in body heights
REACH = 1.0  # m; nearness is cut off here, about an outstretched arm's length


class Person(NamedTuple):
    """Where a person stands in the image: pixels, ``top`` being the crown of the head."""

    centre: float
    top: float
    height: float


def find_person(seen: NDArray[np.bool_]) -> Person:
    """Find the person in a window; arms raised beside the head do not add to the height.

    :param seen: (T, H, W) bool with at least one True, the pixels where a person is.
    """
    columns = seen.sum((0, 1)).cumsum()
    centre = float(np.searchsorted(columns, columns[-1] / 2))
    rows = np.flatnonzero(seen.any((0, 2)))
    first, count = rows[0], rows[-1] - rows[0] + 1
    half = max(1.0, TRUNK * count)
    left, right = max(0, round(centre - half)), round(centre + half) + 1
    trunk = seen[:, :, left:right].sum(2) > half
    trunk = trunk[trunk.any(1)]
    if not len(trunk):
        return Person(centre, float(first), float(count))
    top = float(np.percentile(trunk.argmax(1), 20))
    bottom = float(np.percentile(trunk.shape[1] - trunk[:, ::-1].argmax(1), 80))
    return Person(centre, top, max(bottom - top, 1.0))


def centred_person(window: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normalise a window of depth frames to the person in it.

    :param window: (T, H, W) float32 depth in metres, 0 where there is no person or no reading.
    :returns: (T, 2, 40, 32) float32: silhouette (0 to 1), and nearness, the metres by which a
        point lies in front of the person's median distance (-1 to 1, 0 outside the silhouette).
    """
    seen = window > 0
    if not seen.any():
        return np.zeros((len(window), 2, HEIGHT, WIDTH), np.float32)
    person = find_person(seen)
    rows = max(round(SPAN * person.height), 1)
    columns = max(round(rows * WIDTH / HEIGHT), 1)
    top = round(person.top - HEADROOM * person.height)
    left = round(person.centre - columns / 2)
    crop = np.zeros((2, len(window), rows, columns), np.float32)
    into = np.s_[:, max(-top, 0):max(window.shape[1] - top, 0),
                 max(-left, 0):max(window.shape[2] - left, 0)]
    part = np.s_[:, max(top, 0):top + rows, max(left, 0):left + columns]
    crop[0][into] = seen[part]
    near = np.median(window[seen]) - window[part]
    crop[1][into] = np.clip(near, -REACH, REACH) * seen[part]
    planes = crop.reshape(-1, rows, columns)
    size, area = (WIDTH, HEIGHT), cv2.INTER_AREA
    small = np.stack([cv2.resize(plane, size, interpolation=area) for plane in planes])
    pairs = small.reshape(2, len(window), HEIGHT, WIDTH).swapaxes(0, 1)
    return np.ascontiguousarray(pairs, np.float32)
