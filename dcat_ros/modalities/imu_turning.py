# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Compares how gravity turns in the sensor frame with what the angular velocity predicts."""

from collections import deque
from typing import NamedTuple

from dcat_ros.modalities.base import NANOSECONDS
import numpy as np
from numpy.typing import NDArray

GRAVITY = 9.80665
LONGEST = 3 * NANOSECONDS
"""Time between two moments that are compared; longer, and the drift of a gyroscope would show."""
FEWEST_SAMPLES = 5
STEADY = 1.0
"""m/s², largest deviation in a moment in which the acceleration is gravity alone."""
NEAR = 0.5
"""m/s²; the magnitude is that of gravity in such a moment."""
LEAST_TURN = 20.0
"""Degrees by which gravity turns, or should have turned, between two moments that are compared."""
FEWEST, MOST = 2, 8
"""Turns that a judgement needs, and newest ones that it rests on."""
WRONG = 0.1
"""Squared deviation as a share of the squared turn."""
GAP = NANOSECONDS // 10
"""Time between two samples after which it is not known how the IMU turned."""


class Moment(NamedTuple):
    """A moment in which the acceleration was gravity alone.

    :param stamp: ns.
    :param up: unit vector (3,) in the sensor frame.
    :param turned: rotations (2, 3, 3) since then, for rates in rad/s and in deg/s.
    """

    stamp: int
    up: NDArray[np.float64]
    turned: NDArray[np.float64]


class GravityTurning:
    """Judges angular velocities by the moments between which an IMU was turned."""

    def __init__(self) -> None:
        self._moments: list[Moment] = []
        self._turns: deque[tuple[float, float, float]] = deque(maxlen=MOST)

    def begin(self) -> None:
        """Forget the moments, but not what they showed, since samples are missing."""
        self._moments = []

    def add(self, stamps: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        """Take the samples of a moment into account; they follow those of the last call.

        :param stamps: (n,), ns, rising; the first one is that of the last sample before.
        :param values: (n, 6), m/s² and rad/s.
        """
        if np.diff(stamps).max() > GAP:
            self.begin()
            return
        half = max(len(stamps) // 2, 1)
        to_middle = _rotations(stamps[:half + 1], values[1:half + 1, 3:])
        to_end = _rotations(stamps[half:], values[half + 1:, 3:])
        acceleration = values[1:, :3]
        mean = acceleration.mean(axis=0)
        size = float(np.linalg.norm(mean))
        self._moments = [
            moment._replace(turned=moment.turned @ to_middle) for moment in self._moments
            if stamps[-1] - moment.stamp <= LONGEST
        ]
        is_steady = (
            len(acceleration) >= FEWEST_SAMPLES and abs(size - GRAVITY) < NEAR
            and bool(np.all(np.ptp(acceleration, axis=0) < STEADY))
        )
        if is_steady:
            up = mean / size
            if any(self._is_turn(moment, up) for moment in self._moments):
                self._moments = []
            self._moments.append(Moment(int(stamps[-1]), up, np.stack([np.eye(3)] * 2)))
        self._moments = [
            moment._replace(turned=moment.turned @ to_end) for moment in self._moments
        ]

    def _is_turn(self, moment: Moment, up: NDArray[np.float64]) -> bool:
        """Return whether the IMU was turned since a moment, and remember how it was predicted."""
        predicted = np.swapaxes(moment.turned, 1, 2) @ moment.up
        turn = max(_angle(moment.up, up), _angle(moment.up, predicted[0]))
        if turn >= LEAST_TURN:
            self._turns.append((turn, _angle(predicted[0], up), _angle(predicted[1], up)))
        return turn >= LEAST_TURN

    @property
    def is_judged(self) -> bool:
        """Return whether the IMU was turned often enough for a judgement."""
        return len(self._turns) >= FEWEST

    @property
    def problem(self) -> str:
        """Return how rates and gravity disagree, and the remedy; empty if they do not."""
        if not self.is_judged:
            return ''
        turn, as_radians, as_degrees = np.square(list(self._turns)).mean(axis=0)
        if as_radians <= WRONG * turn:
            return ''
        said = (
            'angular velocity disagrees with how gravity turns, by '
            f'{np.sqrt(as_radians):.0f} degrees'
        )
        if as_degrees <= WRONG * turn:
            return (
                f'{said}: it is in deg/s; set imu.angular_velocity_unit to deg/s, or let the '
                'driver publish rad/s (REP 145)'
            )
        return (
            f'{said}: its axes are in another order or sense than those of the acceleration; let '
            'the driver publish both in one right-handed frame (REP 103)'
        )


def _rotations(stamps: NDArray[np.int64], rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotations (2, 3, 3) over some samples, for rates in rad/s and in deg/s.

    :param stamps: (n + 1,), ns.
    :param rates: (n, 3), each that of the time before its stamp.
    """
    turns = rates * (np.diff(stamps) / NANOSECONDS)[:, None]
    matrices = _matrices(np.stack([turns, np.radians(turns)]))
    while matrices.shape[1] > 1:
        if matrices.shape[1] % 2:
            matrices = np.concatenate([matrices, np.eye(3)[None, None].repeat(2, axis=0)], axis=1)
        matrices = matrices[:, ::2] @ matrices[:, 1::2]
    return matrices[:, 0] if matrices.shape[1] else np.stack([np.eye(3)] * 2)


def _matrices(turns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation matrices (..., 3, 3) of rotation vectors (..., 3), by Rodrigues."""
    angle = np.linalg.norm(turns, axis=-1, keepdims=True)
    x, y, z = np.moveaxis(turns / np.maximum(angle, 1e-12), -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1)
    cross = cross.reshape(*x.shape, 3, 3)
    angle = angle[..., None]
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def _angle(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the angle between two unit vectors (3,) in degrees."""
    return float(np.degrees(np.arccos(np.clip(one @ other, -1.0, 1.0))))
