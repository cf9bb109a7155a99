# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Inertial measurement units: acceleration and angular velocity (REP 145)."""

from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import Any, ClassVar

from dcat_ros.modalities.base import (
    Check,
    DecodeError,
    NANOSECONDS,
    Samples,
    stamp_of,
)
from dcat_ros.modalities.imu_check import ImuCheck
from dcat_ros.modalities.rotation import rotation_matrix
import numpy as np
from numpy.typing import NDArray

ACCELERATION_UNITS = {'m/s^2': 1.0, 'g': 9.80665, 'mg': 0.00980665}
ANGULAR_VELOCITY_UNITS = {'rad/s': 1.0, 'deg/s': math.pi / 180}


@dataclass(frozen=True)
class ImuFormat:
    """What a driver publishes that differs from REP 145, and how the sensor is mounted.

    :param acceleration_unit: `m/s^2`, `g` or `mg`.
    :param angular_velocity_unit: `rad/s` or `deg/s`.
    :param mounting: roll, pitch and yaw (degrees, about fixed axes, REP 103) of the sensor in the
        frame that the model expects, in which x is along the limb.
    :raises ValueError: if a unit is unknown, or the mounting is not three finite numbers.
    """

    acceleration_unit: str = 'm/s^2'
    angular_velocity_unit: str = 'rad/s'
    mounting: Sequence[float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        for name, units in (
            ('acceleration_unit', ACCELERATION_UNITS),
            ('angular_velocity_unit', ANGULAR_VELOCITY_UNITS),
        ):
            if getattr(self, name) not in units:
                raise ValueError(
                    f'imu.{name} is "{getattr(self, name)}", expected {" or ".join(units)}'
                )
        rotation_matrix('imu.mounting', self.mounting)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Return what takes samples as published to SI units in the limb frame: (6, 6)."""
        rotation = rotation_matrix('imu.mounting', self.mounting)
        matrix = np.zeros((6, 6))
        matrix[:3, :3] = rotation * ACCELERATION_UNITS[self.acceleration_unit]
        matrix[3:, 3:] = rotation * ANGULAR_VELOCITY_UNITS[self.angular_velocity_unit]
        return matrix


class ImuDecoder:
    """Decodes sensor_msgs/Imu to (1, 6): acceleration x y z in m/s², angular rate in rad/s.

    :param given: what the driver publishes; by default what REP 145 says.
    """

    def __init__(self, given: ImuFormat | None = None) -> None:
        is_standard = given is None or given == ImuFormat()
        self._matrix = None if given is None or is_standard else given.matrix.T

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
            values = np.array([[a.x, a.y, a.z, w.x, w.y, w.z]], np.float64)
            if self._matrix is not None:
                values = values @ self._matrix
            sample = values.astype(np.float32)
        return Samples(np.array([stamp], np.int64), sample)


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

    def decoder(self, given: ImuFormat | None = None) -> ImuDecoder:
        """Return a decoder for one stream of a driver that publishes in the given format."""
        return ImuDecoder(given)

    def check(self) -> Check:
        """Return a check for one stream."""
        return ImuCheck()

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
