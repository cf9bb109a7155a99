# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What was measured of a recipe, and whether it is good enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import median

from bench.rig.bars import Bar

MOST_WAITING = 0.1
LEAST_GAIN = 10.0
LEAST_SPEED_UP = 1.5
ALONE, TOGETHER = 1, 2
"""Processes of a fit."""


@dataclass(frozen=True)
class Reading:
    """Windows of one sensor: how many, and how long they took.

    :param built: windows that the first reading cuts, and ``building`` the s that it takes.
    :param windows: to train on, those of one pass.
    :param drawn_windows: that training's own batches hold, in as many steps as a pass has.
    :param by_hand: s of each pass by hand, and so ``cached`` from the cache and ``drawn`` as
        training draws and augments them.
    """

    built: int
    building: float
    windows: int
    drawn_windows: int
    bag_bytes: int
    cache_bytes: int
    by_hand: Sequence[float]
    cached: Sequence[float]
    drawn: Sequence[float]

    @property
    def gain(self) -> float:
        """How many times as many windows/s come from the cache as by hand, median of rounds."""
        return median(
            slow / fast for slow, fast in zip(self.by_hand, self.cached, strict=True)
        )

    @property
    def paid_back(self) -> float:
        """Return after how many passes the first reading has paid for itself, inf for never."""
        spared = median(self.by_hand) - median(self.cached)
        return self.building / spared if spared > 0 else inf


@dataclass(frozen=True)
class Training:
    """Steps of a fit.

    :param waited: s for data, and ``lasted`` in all.
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
    """All of one recipe.

    :param batch: windows of all processes together in a step.
    :param fits: by the number of processes, one a round.
    """

    sensor: str
    recipe: str
    batch: int
    reading: Reading
    fits: dict[int, list[Training]]

    @property
    def waiting(self) -> float:
        """Return the share of a step that one process waits for data."""
        alone = self.fits[ALONE]
        return sum(each.waited for each in alone) / sum(each.lasted for each in alone)

    def rate(self, processes: int) -> float:
        """Return the steps per second of so many processes, median of the rounds."""
        return median(each.rate for each in self.fits[processes])

    @property
    def speed_up(self) -> float:
        """Steps/s of two processes over those of one in the same round, median."""
        return median(
            two.rate / one.rate
            for one, two in zip(self.fits[ALONE], self.fits[TOGETHER], strict=True)
        )

    @property
    def bars(self) -> list[Bar]:
        """Return what is demanded."""
        return [
            Bar(
                f'waiting: less than {100 * MOST_WAITING:.0f} %',
                f'{100 * self.waiting:.1f} %',
                self.waiting < MOST_WAITING,
            ),
            Bar(
                f'windows/s from the cache: at least {LEAST_GAIN:.0f} times those by hand',
                f'{self.reading.gain:.0f}',
                self.reading.gain >= LEAST_GAIN,
            ),
            Bar(
                f'two processes: at least {LEAST_SPEED_UP:g} times the steps/s of one',
                f'{self.speed_up:.2f}',
                self.speed_up >= LEAST_SPEED_UP,
            ),
        ]
