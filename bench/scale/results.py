# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Measurements at each bag length, and the targets for their growth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.common.page import Target

MOST_MEMORY = 1.25
MOST_TIME = 1.25


@dataclass(frozen=True)
class Trial:
    """One task with one bag.

    :param minutes: length of the bag.
    :param before: peak resident bytes before the task, and ``peak`` at its end.
    :param mapped: bytes of mapped files in memory.
    :param count: messages or windows.
    """

    task: str
    minutes: float
    seconds: float
    before: int
    peak: int
    mapped: int
    count: int

    @property
    def unmapped_peak(self) -> int:
        """Peak resident bytes without mapped files, which the kernel may drop at any time."""
        return self.peak - self.mapped

    @property
    def pace(self) -> float:
        """Seconds for a minute of the bag."""
        return self.seconds / self.minutes


class Size(NamedTuple):
    """Bytes of a bag of so many minutes, and of the cache of each recipe."""

    minutes: float
    bag: int
    caches: dict[str, int]


@dataclass(frozen=True)
class Results:
    """All measurements, from the shortest bag to the longest."""

    sizes: list[Size]
    trials: list[Trial]

    def trials_of(self, task: str) -> list[Trial]:
        """Return the trials of a task."""
        return [trial for trial in self.trials if trial.task == task]

    @property
    def targets(self) -> dict[str, list[Target]]:
        """Return the targets of each task; requires two lengths or more."""
        tasks = dict.fromkeys(trial.task for trial in self.trials)
        return {task: targets_of(self.trials_of(task)) for task in tasks}


def targets_of(trials: Sequence[Trial]) -> list[Target]:
    """Return the targets of a task's trials, two or more, from the shortest bag to the longest.

    Time is compared between the two longest bags, since that of a short one is mostly start-up.
    """
    shortest, before, longest = trials[0], trials[-2], trials[-1]
    return [
        Target.at_most(
            f'memory, {longest.minutes:g} over {shortest.minutes:g} min',
            longest.unmapped_peak / shortest.unmapped_peak, MOST_MEMORY,
        ),
        Target.at_most(
            f'time for a minute of bag, {longest.minutes:g} over {before.minutes:g} min',
            longest.pace / before.pace, MOST_TIME,
        ),
    ]
