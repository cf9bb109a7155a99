# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How fast a robot may move beside a person, by the recognised activity; without ROS."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

FULL = 1.0
UNKNOWN = 'unknown'
NEVER = float('-inf')


@dataclass(frozen=True)
class Rules:
    """The rules for a robot's speed.

    :param harmless: activities that allow full speed.
    :param close_by: activities near the robot.
    :param slow: speed scale if full speed is not allowed, 0 to below 1.
    :param least_score: lowest score of an answer, in addition to the inference node's threshold.
    :param timeout: s after which an answer is too old.
    :param diagnostics_timeout: s after which diagnostics are too old.
    :param hold: s for which one harmless activity must last before the speed rises.
    :param rise: by how much the speed scale rises per second.
    """

    harmless: Collection[str]
    close_by: Collection[str]
    slow: float
    least_score: float
    timeout: float
    diagnostics_timeout: float
    hold: float
    rise: float

    def __post_init__(self) -> None:
        """Check the lists.

        :raises ValueError: if they contradict each other, or nothing is harmless.
        """
        if not self.harmless:
            raise ValueError('harmless names no activity: list those that allow full speed')
        if both := sorted(set(self.harmless) & set(self.close_by)):
            raise ValueError(
                f'{", ".join(both)} is in harmless and in close_by: leave it in one of them'
            )
        if UNKNOWN in self.harmless:
            raise ValueError(f'harmless names "{UNKNOWN}", which is no activity: take it out')

    @property
    def named(self) -> set[str]:
        """Return all activities that the rules name."""
        return {*self.harmless, *self.close_by}


class Answer(NamedTuple):
    """An answer: best class, its score, arrival (s, steady clock) and age at arrival (s)."""

    label: str
    score: float
    arrival: float
    age: float


class Speed(NamedTuple):
    """A speed scale, 0 to 1, and the reason for it."""

    scale: float
    reason: str


class SpeedPolicy:
    """Decides on the speed from answers, classes and diagnostics.

    The speed falls at once. It rises gradually, once the same harmless activity has lasted for a
    while. All times are in s on a clock that never jumps, and never decrease.

    :param rules: see :class:`Rules`.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._scale = rules.slow
        self._answer = Answer('', 0.0, NEVER, 0.0)
        self._classes: Collection[str] = ()
        self._diagnostics_time, self._fault = NEVER, ''
        self._activity, self._activity_since = '', NEVER
        self._last_time = NEVER

    def set_answer(self, now: float, label: str, score: float, age: float) -> Speed:
        """Set the newest answer.

        :param age: s from its stamp to now; a stamp ahead of the clock counts like one that is as
            far behind.
        """
        self.speed_at(now)
        self._answer = Answer(label, score, now, abs(age))
        return self.speed_at(now)

    def set_classes(self, now: float, classes: Collection[str]) -> Speed:
        """Set the classes of the model in use."""
        self.speed_at(now)
        self._classes = classes
        return self.speed_at(now)

    def set_fault(self, now: float, fault: str) -> Speed:
        """Set what is wrong with the inference node by its diagnostics, '' if nothing is."""
        self.speed_at(now)
        self._diagnostics_time, self._fault = now, fault
        return self.speed_at(now)

    def speed_at(self, now: float) -> Speed:
        """Return the speed at a time."""
        rules, label = self._rules, self._answer.label
        elapsed, self._last_time = now - self._last_time, now
        if reason := self._why_slow(now):
            self._activity, self._scale = '', rules.slow
            return Speed(rules.slow, reason)
        if label != self._activity:
            self._activity, self._activity_since = label, now
        rising = now - self._activity_since - rules.hold
        self._scale = min(FULL, self._scale + rules.rise * max(0.0, min(rising, elapsed)))
        if self._scale == FULL:
            return Speed(FULL, f'{label}, full speed')
        if rising < 0:
            return Speed(self._scale, f'{label}, not for {rules.hold:g} s yet')
        return Speed(self._scale, f'{label} for {rules.hold:g} s, rising')

    def _why_slow(self, now: float) -> str:
        """Return why the robot must be slow, '' if full speed is allowed."""
        rules, (label, score, arrival, age) = self._rules, self._answer
        if self._fault:
            return self._fault
        if now - arrival <= rules.timeout < age:
            return (
                f'answers are stamped more than {rules.timeout:g} s off this clock: synchronise '
                'the clocks, or set use_sim_time on both nodes'
            )
        if now - arrival + age > rules.timeout:
            return f'no answer of the last {rules.timeout:g} s'
        if now - self._diagnostics_time > rules.diagnostics_timeout:
            return f'no diagnostics of the last {rules.diagnostics_timeout:g} s'
        if label == UNKNOWN:
            return 'the activity is unknown'
        if not score >= rules.least_score:
            return f'{label}, below a score of {rules.least_score:g}'
        if label not in self._classes:
            return f'{label} is no class of the model that label_info describes'
        if label in rules.close_by:
            return f'{label} is close by'
        if label not in rules.harmless:
            return f'{label} is neither in harmless nor in close_by'
        return ''
