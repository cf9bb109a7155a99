# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What was measured at each length, and whether it grows no more than it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.rig.bars import Bar

MOST_MEMORY = 1.25
MOST_TIME = 1.25


@dataclass(frozen=True)
class Trial:
    """One task with one bag.

    :param minutes: length of the bag.
    :param before: peak resident bytes before it began, and ``peak`` at its end.
    :param mapped: bytes of files that it has mapped into memory and that stand there.
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
    def held(self) -> int:
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
    """All that was measured, from the shortest bag to the longest."""

    sizes: list[Size]
    trials: list[Trial]

    @property
    def tasks(self) -> list[str]:
        """Return the tasks in their order."""
        return list(dict.fromkeys(trial.task for trial in self.trials))

    def of(self, task: str) -> list[Trial]:
        """Return the trials of a task."""
        return [trial for trial in self.trials if trial.task == task]

    @property
    def bars(self) -> dict[str, list[Bar]]:
        """Return what is demanded of each task, where there are two lengths or more."""
        return {task: bars_of(self.of(task)) for task in self.tasks}


def bars_of(trials: Sequence[Trial]) -> list[Bar]:
    """Return what is demanded of a task's trials, two or more, from the shortest bag on.

    Time is compared between the two longest bags, since that of a short one is mostly start-up.
    """
    shortest, before, longest = trials[0], trials[-2], trials[-1]
    return [
        Bar.at_most(
            f'memory, {longest.minutes:g} over {shortest.minutes:g} min',
            longest.held / shortest.held, MOST_MEMORY,
        ),
        Bar.at_most(
            f'time for a minute of bag, {longest.minutes:g} over {before.minutes:g} min',
            longest.pace / before.pace, MOST_TIME,
        ),
    ]
