# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Draws a body and an answer into its picture."""

import cv2
from dcat_ros.modalities.body import BONES, JOINTS
from dcat_ros.modalities.images.body_pose import Body, LEAST_VISIBILITY
import numpy as np
from numpy.typing import NDArray

LEFT, RIGHT, MIDDLE, INK = (80, 160, 255), (255, 170, 60), (230, 230, 230), (255, 255, 255)
"""Blue, green, red."""


def draw(picture: NDArray[np.uint8], body: Body | None, text: str) -> NDArray[np.uint8]:
    """Return a copy of a picture (rows, columns, 3) of blue, green, red, with body and text.

    Joints that are not visible are left out; left and right have their own colours.
    """
    drawn = picture.copy()
    thick = max(1, round(min(picture.shape[:2]) / 160))
    if body is not None:
        points = [tuple(map(int, point.round())) for point in body.points]
        seen = body.joints[:, 3] >= LEAST_VISIBILITY
        for a, b in BONES:
            if seen[a] and seen[b]:
                cv2.line(drawn, points[a], points[b], _colour(a, b), thick, cv2.LINE_AA)
        for index in np.flatnonzero(seen).tolist():
            cv2.circle(
                drawn, points[index], 2 * thick, _colour(index, index), cv2.FILLED, cv2.LINE_AA
            )
    height = round(0.08 * picture.shape[0])
    drawn[:height] //= 3
    scale = height / 40
    cv2.putText(
        drawn, text, (height // 3, round(0.72 * height)), cv2.FONT_HERSHEY_SIMPLEX, scale, INK,
        max(1, round(2 * scale)), cv2.LINE_AA,
    )
    return drawn


def _colour(a: int, b: int) -> tuple[int, int, int]:
    sides = {JOINTS[index].split('_')[0] for index in (a, b)}
    return LEFT if sides == {'left'} else RIGHT if sides == {'right'} else MIDDLE
