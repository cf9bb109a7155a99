# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From logits to ranked classes: calibrated, smoothed over windows, unknown if unsure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

UNKNOWN = 'unknown'


class Hypothesis(NamedTuple):
    """A class and its calibrated score, 0 to 1."""

    label: str
    score: float


class Vote(NamedTuple):
    """What a model says of a window: calibrated scores (classes,), and when it is sure of them.

    ``end``: of the window, ns. ``threshold``: score of the best class below which the activity is
    unknown. ``weight``: of this vote among others, the model's validated macro-F1.
    """

    end: int
    classes: Sequence[str]
    scores: NDArray[np.float64]
    threshold: float
    weight: float

    @property
    def ranked(self) -> list[Hypothesis]:
        """Return all classes, best first, after ``unknown`` if the best is below the threshold.

        The score of ``unknown`` is 1 minus that of the best class.
        """
        order = np.argsort(-self.scores, kind='stable')
        ranked = [Hypothesis(self.classes[i], float(self.scores[i])) for i in order]
        if ranked[0].score < self.threshold:
            ranked.insert(0, Hypothesis(UNKNOWN, 1.0 - ranked[0].score))
        return ranked


def ranked(vote: Vote | None) -> list[Hypothesis]:
    """Return the hypotheses of a vote, see :attr:`Vote.ranked`; ``unknown`` alone without one."""
    return vote.ranked if vote else [Hypothesis(UNKNOWN, 1.0)]


def combined(votes: Sequence[Vote]) -> Vote:
    """Return the weighted mean of votes on the same classes: a linear opinion pool.

    Scores and thresholds are averaged with the same weights (Stone 1961, "The Opinion Pool").

    :param votes: one or more; their classes may differ in order only.
    """
    if len(votes) == 1:
        return votes[0]
    classes = votes[0].classes
    weights = np.array([vote.weight for vote in votes])
    weights = weights / weights.sum() if weights.any() else np.full(len(votes), 1 / len(votes))
    places = [[vote.classes.index(label) for label in classes] for vote in votes]
    scores = np.stack([vote.scores[place] for vote, place in zip(votes, places, strict=True)])
    return Vote(
        votes[0].end, classes, weights @ scores,
        float(weights @ [vote.threshold for vote in votes]), float(weights.max()),
    )


class Decision:
    """Turns the logits of successive windows into calibrated scores.

    :param classes: labels in the order of the logits.
    :param temperature: divides the logits before the softmax (Guo et al. 2017).
    :param threshold: score of the best class below which ``unknown`` is ranked first.
    :param weight: of its votes.
    :param smoothing: weight of past windows in an exponential moving average, 0 (none) to below 1.
        Where the average is below the threshold, the newest window decides alone, so that the
        past can keep an activity but never hides a new one.
    """

    def __init__(
        self,
        classes: list[str],
        temperature: float,
        threshold: float,
        smoothing: float,
        weight: float = 1.0,
    ) -> None:
        self.classes = classes
        self.temperature = temperature
        self.threshold = threshold
        self.smoothing = smoothing
        self.weight = weight
        self._average: NDArray[np.float64] | None = None

    def reset(self) -> None:
        """Leave past windows out of the average, as after a gap."""
        self._average = None

    def vote(self, logits: NDArray[np.float32], end: int = 0) -> Vote | None:
        """Return what the logits (classes,) of a window say, None if one is not finite.

        :param end: of the window, ns.
        """
        if not np.isfinite(logits).all():
            self.reset()
            return None
        scaled = logits.astype(np.float64) / self.temperature
        scores = np.exp(scaled - scaled.max())
        scores /= scores.sum()
        if self._average is not None:
            average = self.smoothing * self._average + (1.0 - self.smoothing) * scores
            scores = average if average.max() >= self.threshold else scores
        self._average = scores
        return Vote(end, self.classes, scores, self.threshold, self.weight)
