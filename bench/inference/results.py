# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the trials of a scenario together say, and whether it is good enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import mean

from bench.inference.nodes import FLOOR, NODE
from bench.inference.prepared import Prepared
from bench.inference.scenario import Scenario
from bench.inference.trial import Trial
from bench.rig.bars import Bar
import numpy as np

HALF, THIRD = 1 / 2, 1 / 3
LATE = 0.02
"""Seconds of lateness from which on the sensor was not as it should be."""


@dataclass(frozen=True)
class Figures:
    """Of the nodes of one kind, over all rounds.

    :param answers: that came, of those that were ``due``.
    :param median: latency in s, and so ``p99``; 0 for nodes that do not answer.
    :param cpu: s in all.
    :param resident: bytes of one node, and so ``share``.
    :param started: s from the start to the first answer, mean; 0 for nodes that do not answer.
    :param late: the sensor's greatest lateness in s.
    """

    kind: str
    answers: int
    due: float
    median: float
    p99: float
    cpu: float
    resident: float
    share: float
    started: float
    late: float

    @property
    def cpu_per_answer(self) -> float:
        """Seconds of CPU for an answer; where there are none, for one that was due."""
        return self.cpu / (self.answers or self.due)

    @classmethod
    def of(cls, kind: str, trials: Sequence[Trial]) -> Figures:
        """Return the figures of these trials of one kind."""
        latencies = [latency for trial in trials for latency in trial.latencies]
        due = sum(trial.due for trial in trials)
        p50, p99 = np.percentile(latencies, [50, 99]) if latencies else (0.0, 0.0)
        return cls(
            kind, len(latencies), due, p50, p99,
            sum(trial.usage.cpu for trial in trials),
            mean(trial.usage.resident for trial in trials),
            mean(trial.usage.share for trial in trials),
            mean(trial.started for trial in trials),
            max(trial.late for trial in trials),
        )


@dataclass(frozen=True)
class Result:
    """All of one scenario."""

    scenario: Scenario
    prepared: Prepared
    trials: list[Trial]

    def of(self, kind: str) -> Figures:
        """Return the figures of the nodes of one kind."""
        return Figures.of(kind, [trial for trial in self.trials if trial.kind == kind])

    def above(self, kind: str, floor: str = FLOOR) -> float:
        """Return s of CPU per answer above what a floor takes in the same time."""
        figures, least = self.of(kind), self.of(floor)
        spent = figures.cpu - least.cpu * figures.due / least.due
        return spent / (figures.answers or figures.due)

    def waited(self, kind: str) -> float:
        """Return s from the start to the first answer, without the window itself."""
        return self.of(kind).started - self.prepared.window

    def bars(self, kind: str) -> list[Bar]:
        """Return what the node has to achieve beside hand-written ones of one kind."""
        node, peer = self.of(NODE), self.of(kind)
        above = self.above(kind)
        return [
            Bar.at_most('p99', node.p99 / peer.p99, HALF),
            Bar.at_most(
                'CPU above the floor', self.above(NODE) / above if above > 0 else inf, THIRD
            ),
            Bar.at_most('memory', node.resident / peer.resident, THIRD),
            Bar.at_most('start-up', self.waited(NODE) / self.waited(kind), THIRD),
        ]

    @property
    def late(self) -> list[Trial]:
        """Return the trials in which the sensor was late."""
        return [trial for trial in self.trials if trial.late > LATE]
