# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Results of all trials, and the targets of the recorder."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from bench.common.page import Target
from bench.recorder.trial import LATE, NULL, RECORDER, Trial

IMAGE_RATE, HIGHEST = 30, 960
"""Images/s in rounds and session, and the most in a sweep."""
MOST_CPU = 1.5
LEAST_RATE = 0.8


@dataclass
class Sweep:
    """Search for the highest rate at which a subscriber lost no image."""

    highest: int = 0
    trials: list[Trial] = field(default_factory=list)

    @property
    def description(self) -> str:
        """Return the highest rate, and whether the sensors could not publish faster."""
        if self.highest >= HIGHEST:
            return f'{self.highest}, the highest tried'
        failed = [trial for trial in self.trials if trial.image_rate > self.highest]
        if failed and all(trial.late > LATE for trial in failed):
            return f'{self.highest}, above it the sensors were late'
        return f'{self.highest}'


@dataclass(frozen=True)
class Results:
    """All measurements.

    :param rounds: the trials of all subscribers, round by round.
    :param session: the recorder's trial in one piece.
    :param sweeps: of the null node and the recorder.
    :param disk: bytes per second.
    """

    rounds: list[Trial]
    session: Trial
    sweeps: dict[str, Sweep]
    disk: float

    def trials(self, subscriber: str) -> list[Trial]:
        """Return a subscriber's trials, one a round."""
        return [trial for trial in self.rounds if trial.subscriber == subscriber]

    def ratio(self, subscriber: str, to: str = NULL) -> float:
        """Return a subscriber's CPU time over another one's in the same round, median."""
        return median(
            first.cores / second.cores
            for first, second in zip(self.trials(subscriber), self.trials(to), strict=True)
        )

    @property
    def session_ratio(self) -> float:
        """Return the session's CPU time over the null node's median."""
        return self.session.cores / median(trial.cores for trial in self.trials(NULL))

    @property
    def late(self) -> list[Trial]:
        """Return the trials at the ordinary rate in which the sensors were late."""
        return [trial for trial in [*self.rounds, self.session] if trial.late > LATE]

    @property
    def targets(self) -> list[Target]:
        """Return the targets of the recorder."""
        recorded = [*self.trials(RECORDER), self.session]
        lost = sum(trial.lost(sensor) for trial in recorded for sensor in trial.published)
        published = sum(sum(trial.published.values()) for trial in recorded)
        altered = sum(kept.altered for trial in recorded for kept in trial.kept.values())
        rates = [self.sweeps[name].highest for name in (RECORDER, NULL)]
        rate = rates[0] / rates[1] if rates[1] else 0.0
        return [
            Target(
                f'no loss at {IMAGE_RATE} images/s, every message byte for byte',
                f'{lost} of {published} messages missing, {altered} altered',
                not lost and not altered,
            ),
            Target(
                f'CPU time at most {MOST_CPU} times that of null',
                f'{self.ratio(RECORDER):.2f} in rounds, {self.session_ratio:.2f} in the session',
                max(self.ratio(RECORDER), self.session_ratio) <= MOST_CPU,
            ),
            Target(
                f'highest image rate without loss at least {LEAST_RATE} times that of null',
                f'{rate:.2f} ({rates[0]} of {rates[1]} images/s)',
                rate >= LEAST_RATE,
            ),
        ]
