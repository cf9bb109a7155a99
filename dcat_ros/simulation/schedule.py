# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Which activity the person does when, on the clock that all sensors of a scene share."""

from collections.abc import Sequence
from dataclasses import dataclass

from dcat_ros.simulation.seeding import seeded_generator
import numpy as np


@dataclass(frozen=True)
class Segment:
    """One activity from `start` to `end`, in seconds of the scene."""

    index: int
    activity: str
    start: float
    end: float


class Schedule:
    """An endless sequence of activities.

    Each activity comes once in every round. None follows itself unless it is the only one.

    :param seed: seed of the order and the durations.
    :param activities: the activities of a round, at least one.
    :param duration: mean duration of an activity in seconds; each lasts 0.75 to 1.25 of it.
    :param shuffle: whether each round has an order of its own.
    """

    def __init__(
        self, seed: int, activities: Sequence[str], duration: float, shuffle: bool = True
    ) -> None:
        self._activities = tuple(activities)
        self._duration = duration
        self._shuffle = shuffle
        self._random = seeded_generator(seed, 'script')
        self._segments: list[Segment] = []
        self._ends: list[float] = []

    def __getitem__(self, index: int) -> Segment:
        while len(self._segments) <= index:
            self._append_round()
        return self._segments[index]

    def at(self, time: float) -> Segment:
        """Return the segment at a time, the first one for times before the start."""
        return self[int(self.indices(np.array([time]))[0])]

    def indices(self, times: np.ndarray) -> np.ndarray:
        """Return the number of the segment at each time, (n,) from seconds (n,)."""
        while not self._ends or self._ends[-1] <= times.max():
            self._append_round()
        return np.searchsorted(self._ends, times, side='right')

    def between(self, start: float, end: float) -> list[Segment]:
        """Return the segments that overlap the interval from `start` to `end`."""
        first, last = self.indices(np.array([start, end]))
        return [self[index] for index in range(int(first), int(last) + 1)]

    def _append_round(self) -> None:
        names = list(self._activities)
        if self._shuffle:
            self._random.shuffle(names)
            if len(names) > 1 and self._segments and names[0] == self._segments[-1].activity:
                names.append(names.pop(0))
        for name in names:
            start = self._segments[-1].end if self._segments else 0.0
            end = start + self._duration * self._random.uniform(0.75, 1.25)
            self._segments.append(Segment(len(self._segments), name, start, end))
            self._ends.append(end)
