# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What one row answered, over the seeds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from dcat_ros.evaluation.trial import Outcome
from dcat_ros.training.score import answers_of, MISSED
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, f1_score


@dataclass(frozen=True, eq=False)
class Series:
    """The outcomes of one row at one share of labels, a seed each.

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
    def answers(self) -> list[NDArray[np.int64]]:
        """Class answered for each test clip, `MISSED` without window; (clips,) for each seed."""
        return [answers_of(scores) for scores in self.scores]

    @cached_property
    def f1(self) -> NDArray[np.float64]:
        """F1 of each class, 0 to 1, (seeds, classes)."""
        return np.array([
            f1_score(truth, answers, labels=range(self.classes), average=None, zero_division=0)
            for truth, answers in zip(self.truth, self.answers, strict=True)
        ])

    @property
    def macro_f1(self) -> NDArray[np.float64]:
        """Mean F1 of the classes, (seeds,)."""
        return self.f1.mean(axis=1)

    @property
    def overfit(self) -> NDArray[np.float64]:
        """Macro-F1 on the labelled training clips less that on the test clips, (seeds,)."""
        return np.array([outcome.train_macro_f1 for outcome in self.outcomes]) - self.macro_f1

    @property
    def confusion(self) -> NDArray[np.int64]:
        """Clips of each class by the answer, `MISSED` last; all seeds; (classes, classes + 1)."""
        labels = [*range(self.classes), MISSED]
        truth, answers = np.concatenate(self.truth), np.concatenate(self.answers)
        return confusion_matrix(truth, answers, labels=labels)[:self.classes]

    def at(self, seeds: Collection[int]) -> Series:
        """Return what holds for some of the seeds."""
        kept = [place for place, seed in enumerate(self.seeds) if seed in seeds]
        if len(kept) == len(self.seeds):
            return self

        def chosen(items: Sequence) -> list:
            return [items[place] for place in kept]

        return Series(
            self.classes, chosen(self.seeds), chosen(self.outcomes), chosen(self.clips)
        )
