# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What an IMU on a limb would measure, computed from a skeleton (IMUTube, arXiv 2006.05675)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import savgol_filter

GRAVITY = np.array([0.0, 9.80665, 0.0])
"""m/s², in an optical frame (REP 103), of a camera that stands upright."""
SMOOTHED = 9
"""Frames over which positions are smoothed, by polynomials of the third degree."""
FIRST = np.array([0.31, 0.17, 0.93])
"""A direction that no limb has exactly, from which the lateral axes start."""


def virtual_imu(
    upper: NDArray[np.float64], lower: NDArray[np.float64], duration: float, count: int
) -> NDArray[np.float64]:
    """Return samples (count, 6): acceleration in m/s² (REP 145) and angular velocity in rad/s.

    The IMU is at the lower end of the limb, and its x axis points there, as in UTD-MHAD.
    A skeleton does not show how a limb turns about itself, so the IMU does not turn about x.

    :param upper: positions (frames, 3) of the upper joint in an optical frame, m, evenly in time.
    :param lower: those of the lower joint.
    :param duration: s from the first frame to the end of the last.
    :param count: number of samples, evenly over the same time.
    :raises ValueError: if there are too few frames to smooth.
    """
    if len(lower) < SMOOTHED:
        raise ValueError(f'there are {len(lower)} frames, expected {SMOOTHED} or more')
    frames = np.arange(len(lower)) * duration / len(lower)
    times = np.arange(count) * duration / count
    smooth = [savgol_filter(joint, SMOOTHED, 3, axis=0) for joint in (upper, lower)]
    place, along = CubicSpline(frames, smooth[1]), CubicSpline(frames, smooth[1] - smooth[0])
    x, length = _unit(along(times))
    change = along(times, 1) / length
    turning = np.cross(x, change)
    axes = np.empty((count, 3, 3))
    y = FIRST
    for index in range(count):
        y = _unit(y - (y @ x[index]) * x[index])[0]
        axes[index] = x[index], y, np.cross(x[index], y)
    felt = place(times, 2) - GRAVITY
    return np.concatenate([
        np.einsum('nij,nj->ni', axes, felt), np.einsum('nij,nj->ni', axes, turning)
    ], axis=1)


def _unit(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return vectors (..., 3) of length 1, and their lengths (..., 1)."""
    length = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
    return vectors / length, length
