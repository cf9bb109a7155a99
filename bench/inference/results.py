# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Figures of all trials of a scenario, and the targets of the node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from statistics import mean

from bench.common.page import Target
from bench.inference.scenarios import BASELINE, NODE, Prepared, Scenario
from bench.inference.trial import Trial
import numpy as np

HALF, THIRD = 1 / 2, 1 / 3
LATE = 0.02
"""Seconds of lateness of the sensor above which the machine was busy."""


@dataclass(frozen=True)
class Figures:
    """Figures of the nodes of one kind, over all rounds.

    :param answers: received, of those that were ``due``.
    :param median: latency in s, and so ``p99``; 0 for nodes that do not answer.
    :param cpu: s in all.
    :param resident: bytes of one node, and so ``share``.
    :param started: s from the start to the first answer, mean; 0 for nodes that do not answer.
    """

    answers: int
    due: float
    median: float
    p99: float
    cpu: float
    resident: float
    share: float
    started: float

    @property
    def cpu_per_answer(self) -> float:
        """Seconds of CPU for an answer; where there are none, for one that was due."""
        return self.cpu / (self.answers or self.due)

    @classmethod
    def from_trials(cls, trials: Sequence[Trial]) -> Figures:
        """Return the figures of the trials of one kind of node."""
        latencies = [latency for trial in trials for latency in trial.latencies]
        due = sum(trial.due for trial in trials)
        p50, p99 = np.percentile(latencies, [50, 99]) if latencies else (0.0, 0.0)
        return cls(
            len(latencies), due, p50, p99,
            sum(trial.usage.cpu for trial in trials),
            mean(trial.usage.resident for trial in trials),
            mean(trial.usage.share for trial in trials),
            mean(trial.started for trial in trials),
        )


@dataclass(frozen=True)
class Result:
    """All trials of one scenario."""

    scenario: Scenario
    prepared: Prepared
    trials: list[Trial]

    def figures(self, kind: str) -> Figures:
        """Return the figures of the nodes of one kind."""
        return Figures.from_trials([trial for trial in self.trials if trial.kind == kind])

    def cpu_above_baseline(self, kind: str) -> float:
        """Return s of CPU per answer above what the baseline takes in the same time."""
        figures, least = self.figures(kind), self.figures(BASELINE)
        spent = figures.cpu - least.cpu * figures.due / least.due
        return spent / (figures.answers or figures.due)

    def startup(self, kind: str) -> float:
        """Return s from the start to the first answer, without the window itself."""
        return self.figures(kind).started - self.prepared.window

    def targets(self, kind: str) -> list[Target]:
        """Return the targets of the node relative to one kind of hand-written node."""
        node, peer = self.figures(NODE), self.figures(kind)
        above, peer_above = self.cpu_above_baseline(NODE), self.cpu_above_baseline(kind)
        return [
            Target.at_most('p99', node.p99 / peer.p99, HALF),
            Target.at_most(
                'CPU above the baseline', above / peer_above if peer_above > 0 else inf, THIRD
            ),
            Target.at_most('memory', node.resident / peer.resident, THIRD),
            Target.at_most('start-up', self.startup(NODE) / self.startup(kind), THIRD),
        ]

    @property
    def late(self) -> list[Trial]:
        """Return the trials in which the sensor was late."""
        return [trial for trial in self.trials if trial.late > LATE]
