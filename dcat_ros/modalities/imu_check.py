# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Judges whether an IMU delivers what REP 145 asks for: m/s² with gravity, and rad/s."""

from dcat_ros.modalities.base import NANOSECONDS, Samples
from dcat_ros.modalities.imu_turning import GRAVITY, GravityTurning
import numpy as np
from numpy.typing import NDArray

WINDOW = 2 * NANOSECONDS
"""Time over which medians are taken."""
LEAST = NANOSECONDS
"""Time that a judgement needs."""
PERIOD = NANOSECONDS // 4
"""Time between two judgements."""
LONGEST_STEP = NANOSECONDS // 2
"""Time between two samples after which the evidence begins anew."""
FEWEST = 10
"""Samples that a judgement needs."""

LEAST_ACCELERATION, MOST_ACCELERATION = 5.0, 200.0
"""m/s²; the median magnitude while people moved was 6.7 to 19.3 (UTD-MHAD, SP/SW-HAR)."""
MOST_TURNING = 12.0
"""rad/s; the median magnitude while people moved was at most 6.9."""
MOST_ANGULAR_VELOCITY = 70.0
"""rad/s, 4000 deg/s: beyond the range of every IMU that people wear."""
QUIET = 0.6
"""m/s², largest deviation within a quarter of a second in which an IMU is nearly at rest."""
REST = 1.5
"""m/s²; at rest the magnitude differs from gravity by less."""

REMEDY = 'set imu.acceleration_unit to {unit}, or let the driver publish m/s² (REP 145)'


class ImuCheck:
    """Recognises wrong units, wrong axes, and gravity that the driver removed.

    A wrong unit of acceleration shows in the median magnitude, also in vigorous motion. Removed
    gravity shows in calm moments, and the judgement holds until a calm moment shows gravity. A
    momentary fall changes neither. Rates in a wrong unit, or about other axes, show in how gravity
    turns between two calm moments.
    """

    def __init__(self) -> None:
        self._acceleration = self._angular_velocity = ''
        self._turning = GravityTurning()
        self._is_removed = False
        self._due = 0
        self._begin()

    @property
    def problem(self) -> str:
        """Return what is wrong, the value and the remedy; empty if nothing is."""
        return self._acceleration or self._angular_velocity or self._turning.problem

    @property
    def magnitude(self) -> float:
        """Return the median magnitude of the acceleration over two seconds, 0 without samples."""
        return self._magnitude

    @property
    def has_judged_axes(self) -> bool:
        """Return whether the IMU was turned often enough to judge its rates by gravity."""
        return self._turning.is_judged

    def add(self, samples: Samples) -> None:
        """Take samples (n, 6) into account: acceleration in m/s², angular velocity in rad/s."""
        for stamp, values in zip(samples.stamps.tolist(), samples.values, strict=True):
            if self._stamps and not 0 < stamp - self._stamps[-1] <= LONGEST_STEP:
                self._begin()
            self._stamps.append(stamp)
            self._values.append(values)
            if stamp >= self._due:
                self._due = stamp + PERIOD
                self._judge()

    def _begin(self) -> None:
        """Forget the samples, but not what they showed."""
        self._stamps: list[int] = []
        self._values: list[NDArray[np.float32]] = []
        self._due = 0
        self._judged = 0
        self._turning.begin()
        self._magnitude = 0.0

    def _judge(self) -> None:
        stamps = np.array(self._stamps)
        first = int(np.searchsorted(stamps, stamps[-1] - WINDOW))
        del self._stamps[:first], self._values[:first]
        stamps, values = stamps[first:], np.stack(self._values)
        since = int(np.searchsorted(stamps, self._judged))
        self._judged = int(stamps[-1])
        if len(stamps) > since + 1:
            self._turning.add(stamps[since:], values[since:].astype(np.float64))
        acceleration, turning = values[:, :3], np.linalg.norm(values[:, 3:], axis=1)
        size = np.linalg.norm(acceleration, axis=1)
        self._magnitude = float(np.median(size))
        if len(stamps) < FEWEST or stamps[-1] - stamps[0] < LEAST:
            return
        latest = acceleration[stamps > stamps[-1] - PERIOD]
        calm = bool(np.all(np.ptp(latest, axis=0) < QUIET))
        self._judge_acceleration(self._magnitude, calm, float(np.linalg.norm(latest.mean(axis=0))))
        self._judge_turning(turning)

    def _judge_acceleration(self, magnitude: float, calm: bool, now: float) -> None:
        """Judge the acceleration.

        :param magnitude: the median.
        :param calm: whether the IMU is nearly at rest now.
        :param now: magnitude of the mean acceleration now.
        """
        value = f'acceleration has a magnitude of {magnitude:.3g}, expected 9.8 m/s²'
        if magnitude > MOST_ACCELERATION:
            self._acceleration = f'{value}: it is in mg; {REMEDY.format(unit="mg")}'
        elif magnitude < LEAST_ACCELERATION:
            if calm and abs(now - 1) < 0.1:
                cause = f'it is in g; {REMEDY.format(unit="g")}'
            elif calm and now < 0.5:
                self._is_removed = True
                cause = 'the driver removes gravity; switch that off'
            else:
                cause = (
                    'it is in g, or the driver removes gravity; '
                    f'{REMEDY.format(unit="g")}, with gravity'
                )
            self._acceleration = f'{value}: {cause}'
        elif calm and now < LEAST_ACCELERATION:
            self._is_removed = True
            self._acceleration = (
                f'acceleration has a magnitude of {now:.3g} at rest, expected 9.8 m/s²: the '
                'driver removes gravity; switch that off'
            )
        elif calm and abs(now - GRAVITY) < REST:
            self._is_removed, self._acceleration = False, ''
        elif not self._is_removed:
            self._acceleration = ''

    def _judge_turning(self, turning: NDArray[np.float32]) -> None:
        median = float(np.median(turning))
        beyond = int((turning > MOST_ANGULAR_VELOCITY).sum())
        self._angular_velocity = ''
        if median > MOST_TURNING or beyond >= 3:
            shown = f'{turning.max():.0f}' if beyond >= 3 else f'{median:.0f} for two seconds'
            self._angular_velocity = (
                f'angular velocity reaches {shown}, too much for rad/s: it is in deg/s; set '
                'imu.angular_velocity_unit to deg/s, or let the driver publish rad/s (REP 145)'
            )
