# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How the frame of a sensor is turned against the one that a model expects."""

from collections.abc import Sequence
import math

import numpy as np
from numpy.typing import NDArray


def rotation_matrix(name: str, angles: Sequence[float]) -> NDArray[np.float64]:
    """Return the matrix (3, 3) of roll, pitch and yaw in degrees, about fixed axes (REP 103).

    :param name: of the setting, for the message.
    :raises ValueError: if these are not three finite numbers.
    """
    values = np.array(angles, float)
    if values.shape != (3,) or not np.isfinite(values).all():
        raise ValueError(f'{name} is {list(angles)}, expected roll, pitch and yaw in degrees')
    roll, pitch, yaw = np.radians(values)
    return _turn(2, yaw) @ _turn(1, pitch) @ _turn(0, roll)


def _turn(axis: int, angle: float) -> NDArray[np.float64]:
    """Return the matrix of a rotation by an angle (rad) about axis 0, 1 or 2."""
    matrix = np.eye(3)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix[[first, second], [first, second]] = math.cos(angle)
    matrix[second, first] = math.sin(angle)
    matrix[first, second] = -math.sin(angle)
    return matrix
