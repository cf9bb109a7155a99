# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What all trials together say, and whether it is good enough."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from bench.recorder.protocol import HIGHEST, IMAGE_RATE, Sweep
from bench.recorder.trial import LATE, NULL, RECORDER, Trial
from bench.rig.bars import Bar

MOST_CPU = 1.5
LEAST_RATE = 0.8


@dataclass(frozen=True)
class Results:
    """All that was measured.

    :param rounds: the trials of all subscribers, round by round.
    :param session: the recorder's trial in one piece.
    :param sweeps: of the null node and the recorder.
    :param disk: bytes per second.
    """

    rounds: list[Trial]
    session: Trial
    sweeps: dict[str, Sweep]
    disk: float

    def of(self, subscriber: str) -> list[Trial]:
        """Return a subscriber's trials, one a round."""
        return [trial for trial in self.rounds if trial.subscriber == subscriber]

    def ratio(self, subscriber: str, to: str = NULL) -> float:
        """Return a subscriber's CPU time over another one's in the same round, median."""
        return median(
            one.share / other.share
            for one, other in zip(self.of(subscriber), self.of(to), strict=True)
        )

    @property
    def session_ratio(self) -> float:
        """Return the session's CPU time over the null node's median."""
        return self.session.share / median(trial.share for trial in self.of(NULL))

    @property
    def late(self) -> list[Trial]:
        """Return the trials at the ordinary rate in which the sensors were late."""
        return [trial for trial in [*self.rounds, self.session] if trial.late > LATE]

    @property
    def bars(self) -> list[Bar]:
        """Return what the recorder has to achieve."""
        recorded = [*self.of(RECORDER), self.session]
        rates = [self.sweeps[name].highest for name in (RECORDER, NULL)]
        rate = rates[0] / rates[1] if rates[1] else 0.0
        return [
            Bar(
                f'no loss at {IMAGE_RATE} images/s, every message byte for byte',
                f'{_lost(recorded)} of {_published(recorded)} messages missing, '
                f'{_altered(recorded)} altered',
                all(trial.whole for trial in recorded),
            ),
            Bar(
                f'CPU time at most {MOST_CPU} times that of null',
                f'{self.ratio(RECORDER):.2f} in rounds, {self.session_ratio:.2f} in the session',
                max(self.ratio(RECORDER), self.session_ratio) <= MOST_CPU,
            ),
            Bar(
                f'highest image rate without loss at least {LEAST_RATE} times that of null',
                f'{rate:.2f} ({rates[0]} of {rates[1]} images/s)',
                rate >= LEAST_RATE,
            ),
        ]


def rate_of(sweep: Sweep) -> str:
    """Return the highest loss-free image rate in words."""
    if sweep.highest >= HIGHEST:
        return f'{sweep.highest}, the highest tried'
    return f'{sweep.highest}, above it the sensors were late' if sweep.late else f'{sweep.highest}'


def kept_of(trials: Iterable[Trial], sensor: str) -> tuple[int, int]:
    """Return how many of a sensor's messages were kept, and how many published."""
    return (
        sum(trial.kept[sensor].messages for trial in trials),
        sum(trial.published[sensor] for trial in trials),
    )


def _lost(trials: Iterable[Trial]) -> int:
    return sum(trial.lost(sensor) for trial in trials for sensor in trial.published)


def _published(trials: Iterable[Trial]) -> int:
    return sum(sum(trial.published.values()) for trial in trials)


def _altered(trials: Iterable[Trial]) -> int:
    return sum(kept.altered for trial in trials for kept in trial.kept.values())
