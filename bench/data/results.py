# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Measurements of a recipe, and the targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from bench.common.page import Target

MOST_WAITING = 0.1
LEAST_GAIN = 10.0
LEAST_SPEED_UP = 1.5
WARM_UP = 10
"""Steps at the beginning of a fit that are left out."""
ONE, TWO = 1, 2
"""Processes of a fit."""


@dataclass(frozen=True)
class Reading:
    """Numbers and times of the windows of one sensor.

    :param built: windows that the first reading cuts in ``building`` s.
    :param windows: to train on, those of one pass.
    :param drawn_windows: in the batches of training, in as many steps as a pass has.
    :param hand_written: s of each pass of the hand-written loop; ``cached`` of those from the
        cache, ``drawn`` of those that training draws and augments.
    """

    built: int
    building: float
    windows: int
    drawn_windows: int
    bag_bytes: int
    cache_bytes: int
    hand_written: Sequence[float]
    cached: Sequence[float]
    drawn: Sequence[float]

    @property
    def gain(self) -> float:
        """Windows/s from the cache over those of the hand-written loop, median of rounds."""
        return median(
            slow / fast for slow, fast in zip(self.hand_written, self.cached, strict=True)
        )

    @property
    def paid_back(self) -> float:
        """Return the passes after which the first reading has paid for itself, inf for never."""
        saved = median(self.hand_written) - median(self.cached)
        return self.building / saved if saved > 0 else inf


@dataclass(frozen=True)
class Training:
    """Times of the steps of a fit.

    :param waited: s for data, of ``lasted`` s in all.
    """

    steps: int
    waited: float
    lasted: float

    @property
    def rate(self) -> float:
        """Return the steps per second."""
        return self.steps / self.lasted


@dataclass(frozen=True)
class Result:
    """All measurements of one recipe.

    :param batch: windows of all processes together in a step.
    :param fits: by number of processes, one per round.
    """

    sensor: str
    recipe: str
    batch: int
    reading: Reading
    fits: dict[int, list[Training]]

    @property
    def waiting(self) -> float:
        """Return the share of a step that one process waits for data."""
        alone = self.fits[ONE]
        return sum(fit.waited for fit in alone) / sum(fit.lasted for fit in alone)

    def rate(self, processes: int) -> float:
        """Return the steps per second of so many processes, median of the rounds."""
        return median(fit.rate for fit in self.fits[processes])

    @property
    def speed_up(self) -> float:
        """Steps/s of two processes over those of one in the same round, median."""
        return median(
            two.rate / one.rate
            for one, two in zip(self.fits[ONE], self.fits[TWO], strict=True)
        )

    @property
    def targets(self) -> list[Target]:
        """Return the targets."""
        return [
            Target(
                f'waiting: less than {100 * MOST_WAITING:.0f} %',
                f'{100 * self.waiting:.1f} %',
                self.waiting < MOST_WAITING,
            ),
            Target(
                f'windows/s from the cache: at least {LEAST_GAIN:.0f} times the hand-written ones',
                f'{self.reading.gain:.0f}',
                self.reading.gain >= LEAST_GAIN,
            ),
            Target(
                f'two processes: at least {LEAST_SPEED_UP:g} times the steps/s of one',
                f'{self.speed_up:.2f}',
                self.speed_up >= LEAST_SPEED_UP,
            ),
        ]
