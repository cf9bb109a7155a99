# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How fast a robot may move, by what the person beside it is said to do; without ROS."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

FULL = 1.0
UNKNOWN = 'unknown'
NEVER = float('-inf')


@dataclass(frozen=True)
class Rules:
    """What a robot's speed depends on.

    :param harmless: activities beside which the robot may move at full speed.
    :param close_by: activities near the robot.
    :param slow: speed scale whenever the robot may not be faster, 0 to below 1.
    :param least_score: score that an answer needs, whatever the inference node's threshold.
    :param timeout: s after which an answer is too old.
    :param diagnostics_timeout: s after which diagnostics are too old.
    :param hold: s for which one harmless activity must be answered before the speed rises.
    :param rise: how much the speed scale rises in a s.
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
        """All activities that the rules know."""
        return {*self.harmless, *self.close_by}


class Answer(NamedTuple):
    """What was recognised: best class, its score, arrival (s, steady) and age at arrival (s)."""

    label: str
    score: float
    arrival: float
    age: float


class Speed(NamedTuple):
    """A speed scale, 0 to 1, and why it is not another."""

    scale: float
    reason: str


class SpeedPolicy:
    """Decides the speed anew at each piece of news, and whenever it is asked.

    The speed falls at once. It rises by and by, once the same harmless activity has been answered
    for a while. Every time given is in s on a clock that never jumps, and never less than before.

    :param rules: see :class:`Rules`.
    """

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._scale = rules.slow
        self._answer = Answer('', 0.0, NEVER, 0.0)
        self._classes: Collection[str] = ()
        self._diagnosed, self._fault = NEVER, ''
        self._held, self._held_since = '', NEVER
        self._asked = NEVER

    def answered(self, now: float, label: str, score: float, age: float) -> Speed:
        """Take an answer.

        :param age: s from its stamp to now; a stamp ahead of the clock is trusted no more than
            one as far behind.
        """
        self.at(now)
        self._answer = Answer(label, score, now, abs(age))
        return self.at(now)

    def described(self, now: float, classes: Collection[str]) -> Speed:
        """Take the classes of the model in use."""
        self.at(now)
        self._classes = classes
        return self.at(now)

    def diagnosed(self, now: float, fault: str) -> Speed:
        """Take what the inference node says of itself: what is wrong, or ''."""
        self.at(now)
        self._diagnosed, self._fault = now, fault
        return self.at(now)

    def at(self, now: float) -> Speed:
        """Return the speed at a time."""
        rules, label = self._rules, self._answer.label
        elapsed, self._asked = now - self._asked, now
        if objection := self._objection(now):
            self._held, self._scale = '', rules.slow
            return Speed(rules.slow, objection)
        if label != self._held:
            self._held, self._held_since = label, now
        rising = now - self._held_since - rules.hold
        self._scale = min(FULL, self._scale + rules.rise * max(0.0, min(rising, elapsed)))
        if self._scale == FULL:
            return Speed(FULL, f'{label}, full speed')
        if rising < 0:
            return Speed(self._scale, f'{label}, not for {rules.hold:g} s yet')
        return Speed(self._scale, f'{label} for {rules.hold:g} s, rising')

    def _objection(self, now: float) -> str:
        """Return why the robot must be slow, '' if nothing forbids full speed."""
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
        if now - self._diagnosed > rules.diagnostics_timeout:
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
