# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Normalises depth frames to the person in them: cropped, centred, scaled to body height."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 40, 32  # pixels of the model input
SPAN = 1.35  # height of the crop in body heights; its width follows from the aspect ratio
HEADROOM = 0.27  # the part of it above the head, in body heights
TRUNK = 0.12  # half width of the columns that contain head and trunk, in body heights
REACH = 1.0  # m, about an outstretched arm; limit of nearness


class Person(NamedTuple):
    """Position of a person in the image, in pixels; ``top`` is the crown of the head."""

    centre: float
    top: float
    height: float


def find_person(mask: NDArray[np.bool_]) -> Person:
    """Find the person in a window; raised arms do not add to the height.

    :param mask: (T, H, W) bool with at least one True, the pixels of a person.
    """
    columns = mask.sum((0, 1)).cumsum()
    centre = float(np.searchsorted(columns, columns[-1] / 2))
    rows = np.flatnonzero(mask.any((0, 2)))
    first, count = rows[0], rows[-1] - rows[0] + 1
    half = max(1.0, TRUNK * count)
    left, right = max(0, round(centre - half)), round(centre + half) + 1
    trunk = mask[:, :, left:right].sum(2) > half
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
        point is closer than the person's median distance (-1 to 1, 0 outside the silhouette).
    """
    mask = window > 0
    if not mask.any():
        return np.zeros((len(window), 2, HEIGHT, WIDTH), np.float32)
    person = find_person(mask)
    rows = max(round(SPAN * person.height), 1)
    columns = max(round(rows * WIDTH / HEIGHT), 1)
    top = round(person.top - HEADROOM * person.height)
    left = round(person.centre - columns / 2)
    crop = np.zeros((2, len(window), rows, columns), np.float32)
    target = np.s_[:, max(-top, 0):max(window.shape[1] - top, 0),
                   max(-left, 0):max(window.shape[2] - left, 0)]
    part = np.s_[:, max(top, 0):top + rows, max(left, 0):left + columns]
    crop[0][target] = mask[part]
    nearness = np.median(window[mask]) - window[part]
    crop[1][target] = np.clip(nearness, -REACH, REACH) * mask[part]
    planes = crop.reshape(-1, rows, columns)
    size, area = (WIDTH, HEIGHT), cv2.INTER_AREA
    small = np.stack([cv2.resize(plane, size, interpolation=area) for plane in planes])
    pairs = small.reshape(2, len(window), HEIGHT, WIDTH).swapaxes(0, 1)
    return np.ascontiguousarray(pairs, np.float32)
