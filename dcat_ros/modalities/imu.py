# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Inertial measurement units: acceleration and angular velocity (REP 145)."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dcat_ros.modalities.base import (
    Check,
    DecodeError,
    NANOSECONDS,
    NoCheck,
    Samples,
    stamp_of,
)
import numpy as np
from numpy.typing import NDArray


class ImuDecoder:
    """Decodes sensor_msgs/Imu to (1, 6): acceleration x y z in m/s², angular rate in rad/s."""

    def decode(self, message: Any) -> Samples:
        """Return one sample; the orientation is not used.

        :raises DecodeError: if the driver marks a quantity as not reported (REP 145).
        """
        stamp = stamp_of(message.header)
        for field in ('linear_acceleration', 'angular_velocity'):
            if getattr(message, f'{field}_covariance')[0] == -1.0:
                raise DecodeError(
                    f'{field}_covariance[0] is -1: the driver reports no {field}; '
                    'use an IMU with accelerometer and gyroscope'
                )
        a, w = message.linear_acceleration, message.angular_velocity
        with np.errstate(over='ignore'):
            values = np.array([[a.x, a.y, a.z, w.x, w.y, w.z]], np.float32)
        return Samples(np.array([stamp], np.int64), values)


@dataclass(frozen=True)
class Imu:
    """A six-axis IMU. The model input is (size, 6), each quantity divided by its scale.

    :param acceleration_scale: m/s².
    :param angular_velocity_scale: rad/s.
    """

    acceleration_scale: float = 9.80665
    angular_velocity_scale: float = 5.0

    name: ClassVar[str] = 'imu'
    topic: ClassVar[str] = 'imu/data'
    message_types: ClassVar[tuple[str, ...]] = ('sensor_msgs/msg/Imu',)
    info: ClassVar[dict[str, str]] = {}
    latest_only: ClassVar[bool] = False

    sample_shape: ClassVar[tuple[int, ...]] = (6,)

    def decoder(self) -> ImuDecoder:
        """Return a decoder for one stream."""
        return ImuDecoder()

    def check(self) -> Check:
        """Return a check for one stream."""
        return NoCheck()

    def resample(self, samples: Samples, end: int, rate: float, size: int) -> NDArray[np.float32]:
        """Interpolate linearly, a faster sensor at about its own rate, then average and decimate.

        The average is weighted by a Hann window one period to either side, against aliasing.

        :returns: (size, 6), the last row at ``end``.
        """
        known = (samples.stamps - end).astype(np.float64)
        native = (len(known) - 1) * NANOSECONDS / (known[-1] - known[0])
        factor = max(round(native / rate), 1)
        times = -np.arange((size - 1) * factor, -1, -1) * (NANOSECONDS / (rate * factor))
        kernel = np.hanning(2 * factor + 1)[1:-1]
        weight = _decimated(np.ones(len(times)), kernel, factor, size)
        window = np.empty((size, 6), np.float32)
        for row, column in zip(window.T, samples.values.T, strict=True):
            row[:] = _decimated(np.interp(times, known, column), kernel, factor, size) / weight
        return window

    def features(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Divide a (size, 6) window by the scales."""
        scales = np.array([self.acceleration_scale, self.angular_velocity_scale], np.float32)
        return np.divide(window, scales.repeat(3), dtype=np.float32)


def _decimated(column: NDArray, kernel: NDArray, factor: int, size: int) -> NDArray:
    """Smooth a column and keep every ``factor``-th value, from the first to the last."""
    return np.convolve(column, kernel)[factor - 1::factor][:size]
