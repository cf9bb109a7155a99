# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From logits to ranked classes: calibrated, smoothed over windows, unknown if unsure."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

UNKNOWN = 'unknown'


class Hypothesis(NamedTuple):
    """A class and its calibrated score, 0 to 1."""

    label: str
    score: float


class Decision:
    """Turns the logits of successive windows into ranked hypotheses.

    :param classes: labels in the order of the logits.
    :param temperature: divides the logits before the softmax (Guo et al. 2017).
    :param threshold: score of the best class below which ``unknown`` is ranked first.
    :param smoothing: weight of past windows in an exponential moving average, 0 (none) to below 1.
        Where the average is below the threshold, the newest window decides alone, so that the
        past can keep an activity but never hides a new one.
    """

    def __init__(
        self, classes: list[str], temperature: float, threshold: float, smoothing: float
    ) -> None:
        self.classes = classes
        self.temperature = temperature
        self.threshold = threshold
        self.smoothing = smoothing
        self._average: NDArray[np.float64] | None = None

    def reset(self) -> None:
        """Leave past windows out of the average, as after a gap."""
        self._average = None

    def rank(self, logits: NDArray[np.float32]) -> list[Hypothesis]:
        """Return all classes, best first, after ``unknown`` if the best is below the threshold.

        The score of ``unknown`` is 1 minus that of the best class.

        :param logits: (classes,); if one is not finite, ``unknown`` alone is returned.
        """
        if not np.isfinite(logits).all():
            self.reset()
            return [Hypothesis(UNKNOWN, 1.0)]
        scaled = logits.astype(np.float64) / self.temperature
        scores = np.exp(scaled - scaled.max())
        scores /= scores.sum()
        if self._average is not None:
            average = self.smoothing * self._average + (1.0 - self.smoothing) * scores
            scores = average if average.max() >= self.threshold else scores
        self._average = scores
        order = np.argsort(-scores, kind='stable')
        ranked = [Hypothesis(self.classes[i], float(scores[i])) for i in order]
        if ranked[0].score < self.threshold:
            ranked.insert(0, Hypothesis(UNKNOWN, 1.0 - ranked[0].score))
        return ranked
