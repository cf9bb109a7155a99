# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The predictions of one row of a study over the seeds, their scores and their calibration."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from dcat_ros.evaluation.trial import Outcome
from dcat_ros.training.score import MISSED, predicted_classes
import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, f1_score

BINS = 15


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram of the clips' highest scores over all seeds.

    Clips without a window have no score and do not count.

    :param ece: expected calibration error (Guo et al. 2017), None without scores.
    :param scores: mean score in each bin that has clips.
    :param accuracy: share of right predictions in each of those.
    :param clips: number of clips in each of those.
    """

    ece: float | None
    scores: list[float]
    accuracy: list[float]
    clips: list[int]


@dataclass(frozen=True, eq=False)
class Series:
    """The outcomes of one row at one share of labels, one per seed.

    :param classes: number of classes.
    :param seeds: rising.
    :param outcomes: of those seeds.
    :param clips: numbers of each seed's test clips, in the order of the outcome.
    """

    classes: int
    seeds: list[int]
    outcomes: list[Outcome]
    clips: list[list[int]]

    @cached_property
    def truth(self) -> list[NDArray[np.int64]]:
        """Class of each test clip, (clips,) for each seed."""
        return [np.array(outcome.truth, np.int64) for outcome in self.outcomes]

    @cached_property
    def scores(self) -> list[NDArray[np.float64]]:
        """Score of each class, (clips, classes) for each seed; zeros for clips without window."""
        return [np.array(outcome.scores, float) for outcome in self.outcomes]

    @cached_property
    def predicted(self) -> list[NDArray[np.int64]]:
        """Predicted class of each test clip, `MISSED` without window; (clips,) for each seed."""
        return [predicted_classes(scores) for scores in self.scores]

    @cached_property
    def f1(self) -> NDArray[np.float64]:
        """F1 of each class, 0 to 1, (seeds, classes)."""
        return np.array([
            f1_score(truth, predicted, labels=range(self.classes), average=None, zero_division=0)
            for truth, predicted in zip(self.truth, self.predicted, strict=True)
        ])

    @property
    def macro_f1(self) -> NDArray[np.float64]:
        """Mean F1 of the classes, (seeds,)."""
        return self.f1.mean(axis=1)

    @property
    def overfit(self) -> NDArray[np.float64]:
        """Macro-F1 on the labelled training clips minus that on the test clips, (seeds,)."""
        return np.array([outcome.train_macro_f1 for outcome in self.outcomes]) - self.macro_f1

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Clips by class and prediction, `MISSED` last; all seeds; (classes, classes + 1)."""
        labels = [*range(self.classes), MISSED]
        truth, predicted = np.concatenate(self.truth), np.concatenate(self.predicted)
        return confusion_matrix(truth, predicted, labels=labels)[:self.classes]

    @cached_property
    def reliability(self) -> Reliability:
        """Return the relation of the scores to the share of right predictions."""
        scores, truth = np.concatenate(self.scores), np.concatenate(self.truth)
        scored = scores.any(axis=1)
        scores, truth = scores[scored], truth[scored]
        if not len(scores):
            return Reliability(None, [], [], [])
        top = scores.max(axis=1) / scores.sum(axis=1)
        right = scores.argmax(axis=1) == truth
        accuracy, mean_scores = calibration_curve(right, top, n_bins=BINS)
        edges = np.linspace(0, 1, BINS + 1)[1:-1]
        clips = np.bincount(np.searchsorted(edges, top))
        clips = clips[clips > 0]
        ece = np.average(np.abs(accuracy - mean_scores), weights=clips)
        return Reliability(float(ece), mean_scores.tolist(), accuracy.tolist(), clips.tolist())

    def at(self, seeds: Collection[int]) -> Series:
        """Return the series of some of the seeds."""
        kept = [place for place, seed in enumerate(self.seeds) if seed in seeds]
        if len(kept) == len(self.seeds):
            return self
        return Series(
            self.classes,
            [self.seeds[place] for place in kept],
            [self.outcomes[place] for place in kept],
            [self.clips[place] for place in kept],
        )
