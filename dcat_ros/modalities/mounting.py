# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The one wrong mounting of a sensor that people choose by mistake, and what to do about it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class WrongMounting(NamedTuple):
    """A wrong mounting.

    :param corrected: returns the model input of a window as it would be with the right mounting.
    :param problem: what is wrong, and the remedy.
    """

    corrected: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    problem: str


def end_for_end(window: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a window (size, 6) of an IMU that is turned by 180° about its z axis."""
    return window * np.array([-1, -1, 1, -1, -1, 1], np.float32)


def upside_down(window: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a window (size, channels, rows, columns) turned by 180° in the image plane."""
    return np.ascontiguousarray(window[:, :, ::-1, ::-1])


def head_down(window: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a window (size, 91) of a skeleton turned by 180° about the optical axis."""
    signs = np.array([-1, -1, 1, -1, -1, 1, 1], np.float32)
    return window * np.tile(signs, window.shape[1] // len(signs))


WRONG_MOUNTINGS = {
    'imu': WrongMounting(
        end_for_end,
        'the model recognises the movement only if the sensor is turned by 180 degrees about its '
        'z axis: put the strap on the other way round, or set imu.mounting to [0.0, 0.0, 180.0]',
    ),
    'skeleton': WrongMounting(
        head_down,
        'the model recognises the movement only if the body is turned upside down: turn the '
        'camera, or set camera.rotation to 180 or skeleton.mounting to [0.0, 0.0, 180.0]',
    ),
    'camera': WrongMounting(
        upside_down,
        'the model recognises the movement only if the picture is turned upside down: turn the '
        'camera, or set camera.rotation to 180',
    ),
}
