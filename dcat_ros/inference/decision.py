# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From logits to an answer: calibrated, smoothed over windows, unknown when unsure."""

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
    :param threshold: score below which ``unknown`` comes first.
    :param smoothing: weight of the past in an exponential moving average, 0 (none) to below 1.
    """

    def __init__(
        self, classes: list[str], temperature: float, threshold: float, smoothing: float
    ) -> None:
        self.classes = classes
        self.temperature = temperature
        self.threshold = threshold
        self.smoothing = smoothing
        self._average: NDArray[np.float64] | None = None

    def forget(self) -> None:
        """Let the next window stand alone, as after a gap."""
        self._average = None

    def rank(self, logits: NDArray[np.float32]) -> list[Hypothesis]:
        """Return all classes, best first, preceded by ``unknown`` if the best is not enough.

        ``unknown`` carries the score that the best class lacks to certainty.

        :param logits: (classes,); not finite logits give ``unknown`` alone.
        """
        if not np.isfinite(logits).all():
            self.forget()
            return [Hypothesis(UNKNOWN, 1.0)]
        scaled = logits.astype(np.float64) / self.temperature
        scores = np.exp(scaled - scaled.max())
        scores /= scores.sum()
        if self._average is not None:
            scores = self.smoothing * self._average + (1.0 - self.smoothing) * scores
        self._average = scores
        order = np.argsort(-scores, kind='stable')
        ranked = [Hypothesis(self.classes[i], float(scores[i])) for i in order]
        if ranked[0].score < self.threshold:
            ranked.insert(0, Hypothesis(UNKNOWN, 1.0 - ranked[0].score))
        return ranked
