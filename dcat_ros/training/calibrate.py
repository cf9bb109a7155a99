# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Calibrate scores by a temperature, and choose the threshold of `unknown`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dcat_ros.method import Classifier
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.score import logits_of
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, logit, softmax
from sklearn.model_selection import GroupKFold
import torch
from torchmetrics.functional.classification import multiclass_calibration_error

KNOWN_NAMED = 0.89
"""Share of known windows that the threshold names, unless too few of those are right."""
WANTED_ACCURACY = 0.8
"""Share of right answers among the named windows below which fewer are named."""
LEAST_COVERAGE = 0.5
LEAST_THRESHOLD = 0.2


Part = tuple[list[str], list[str]]
"""Subjects to train on, and those left out."""


@dataclass(frozen=True)
class Promise:
    """What a threshold promises for windows of known activities by new people.

    :param named: share of those windows at or above the threshold.
    :param right: share of right answers among the named ones.
    """

    named: float
    right: float


@dataclass(frozen=True)
class Calibration:
    """Measured on windows of subjects left out of the training.

    :param temperature: divides the logits before the softmax (Guo et al. 2017).
    :param threshold: score below which the answer is ``unknown``.
    :param promise: for people whom a network trained on all subjects has not seen.
    :param named: share of the left-out windows at or above the threshold.
    :param right: share of right answers among those, 0 if there are none.
    :param accuracy: share of right answers among all windows.
    :param ece_before: expected calibration error (15 bins) of the plain softmax.
    :param ece_after: the same with the temperature.
    """

    temperature: float
    threshold: float
    promise: Promise
    named: float
    right: float
    accuracy: float
    ece_before: float
    ece_after: float


class LeftOut(NamedTuple):
    """Logits (windows, classes) and classes (windows,) of subjects left out of the training.

    ``people``: mean number of subjects that the networks were trained on.
    """

    logits: NDArray[np.float32]
    truth: NDArray[np.int64]
    people: float


def calibrate(
    fit: Callable[[Sequence[str], str], Classifier],
    data: Dataset,
    subjects: Sequence[str],
    folds: int,
) -> Calibration:
    """Calibrate on the logits of subjects left out of the training in turn.

    A network that is trained on all subjects is better than those that lack some. How much better
    follows from networks that are trained on the subjects left out, and tested on the others: the
    odds are taken as a power of the number of people (Hestness et al., arXiv 1712.00409).

    :param fit: returns the network fitted to the clips of some subjects, given a title.
    :param subjects: all whose clips are used.
    :param folds: number of groups of subjects, at most one for each subject.
    :raises TrainingError: if there is only one subject, or a class has only one subject.
    """
    parts, swapped = calibration_parts(data, subjects, folds)
    many = left_out(fit, data, parts, 'calibration')
    few = left_out(fit, data, swapped, 'fewer people') if swapped else None
    return calibration_of(many, few, len(subjects))


def calibration_parts(
    data: Dataset, subjects: Sequence[str], folds: int
) -> tuple[list[Part], list[Part]]:
    """Return the folds, and the same with the sides swapped, none if a class is missing there.

    :raises TrainingError: if there is only one subject.
    """
    parts = folds_of(subjects, folds)
    swapped = [(out, kept) for kept, out in parts]
    if not all(data.has_all_classes(kept) for kept, _ in swapped):
        swapped = []
    return parts, swapped


def left_out(
    fit: Callable[[Sequence[str], str], Classifier],
    data: Dataset,
    parts: Sequence[Part],
    title: str,
) -> LeftOut:
    """Return the logits of the left-out subjects of each part, see :func:`folds_of`."""
    logits, truth = [], []
    for number, (kept, out) in enumerate(parts, start=1):
        network = fit(kept, f'{title} {number} of {len(parts)}')
        rows = data.live.of(
            i for i, clip in enumerate(data.clips)
            if clip.subject in out and clip.label in data.classes
        )
        logits.append(logits_of(network, data.live, rows))
        truth.append(data.targets[data.live.clips[rows]])
    people = float(np.mean([len(kept) for kept, _ in parts]))
    return LeftOut(np.concatenate(logits), np.concatenate(truth), people)


def folds_of(subjects: Sequence[str], folds: int) -> list[Part]:
    """Return the subjects to train on and those left out, for each fold.

    :param folds: number of folds, at most one for each subject.
    :raises TrainingError: if there is only one subject.
    """
    folds = min(folds, len(subjects))
    if folds < 2:
        raise TrainingError(
            f'subject "{subjects[0]}" is the only one, but calibration leaves subjects out '
            'in turn: record another'
        )
    splits = GroupKFold(folds).split(subjects, groups=subjects)
    return [
        ([subjects[i] for i in kept], [subjects[i] for i in left_out]) for kept, left_out in splits
    ]


def calibration_of(many: LeftOut, few: LeftOut | None, people: int) -> Calibration:
    """Return the calibration for a network trained on a number of people.

    :param many: of networks trained on nearly as many people.
    :param few: of networks trained on fewer people, by which to extrapolate, if any.
    """
    temperature = best_temperature(many.logits, many.truth)
    measured = _Scored.of(many, temperature)
    fewer = None
    if few is not None and few.people < many.people:
        fewer = _Scored.of(few, temperature)
    threshold = best_threshold(measured, fewer, people)
    return Calibration(
        temperature=temperature,
        threshold=threshold,
        promise=promised(measured, fewer, people, threshold),
        named=measured.named(threshold),
        right=measured.right_of_named(threshold),
        accuracy=float(measured.right.mean()),
        ece_before=_calibration_error(softmax(many.logits, axis=1), many.truth),
        ece_after=_calibration_error(measured.scores, many.truth),
    )


class _Scored(NamedTuple):
    """Calibrated scores (windows, classes), the highest (windows,), and whether it is right."""

    scores: NDArray[np.float64]
    top: NDArray[np.float64]
    right: NDArray[np.bool_]
    people: float

    @classmethod
    def of(cls, windows: LeftOut, temperature: float) -> _Scored:
        scores = softmax(windows.logits.astype(np.float64) / temperature, axis=1)
        right = scores.argmax(axis=1) == windows.truth
        return cls(scores, scores.max(axis=1), right, windows.people)

    def named(self, threshold: float) -> float:
        return float((self.top >= threshold).mean())

    def right_of_named(self, threshold: float) -> float:
        named = self.top >= threshold
        return float(self.right[named].mean()) if named.any() else 0.0


def promised(
    measured: _Scored, fewer: _Scored | None, people: int, threshold: float
) -> Promise:
    """Return what to expect of a network trained on more people than those measured."""
    named, right = measured.named(threshold), measured.right_of_named(threshold)
    if fewer is None:
        return Promise(named, right)
    return Promise(
        _extrapolated(fewer.named(threshold), named, fewer.people, measured.people, people),
        _extrapolated(
            fewer.right_of_named(threshold), right, fewer.people, measured.people, people
        ),
    )


def _extrapolated(
    few_share: float, many_share: float, few: float, many: float, people: float
) -> float:
    """Return a share for more people: its odds are a power of their number.

    A share that does not grow with the number of people is returned as it is.
    """
    if not 0 < few_share < many_share < 1:
        return many_share
    step = logit(many_share) - logit(few_share)
    return float(expit(logit(many_share) + step * np.log(people / many) / np.log(many / few)))


def best_threshold(measured: _Scored, fewer: _Scored | None, people: int) -> float:
    """Return the threshold that is expected to name `KNOWN_NAMED` of the known windows.

    It is higher if fewer than `WANTED_ACCURACY` of the named windows would be right, but names at
    least `LEAST_COVERAGE`. It is at least `LEAST_THRESHOLD`, so that unfamiliar activities can be
    `unknown`.
    """
    shares = np.linspace(LEAST_COVERAGE, 1, 101)
    thresholds = np.quantile(measured.top, 1 - shares)
    promises = [promised(measured, fewer, people, threshold) for threshold in thresholds]
    most = max(
        (number for number, promise in enumerate(promises)
         if promise.named <= KNOWN_NAMED and promise.right >= WANTED_ACCURACY),
        default=0,
    )
    return max(float(thresholds[most]), LEAST_THRESHOLD)


def best_temperature(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Return the temperature, 0.05 to 20, with the smallest negative log-likelihood."""
    exact, rows = logits.astype(np.float64), np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        scaled = exact / np.exp(log_temperature)
        return -float(log_softmax(scaled, axis=1)[rows, truth].mean())

    return float(np.exp(minimize_scalar(loss, bounds=np.log([0.05, 20.0]), method='bounded').x))


def _calibration_error(scores: NDArray, truth: NDArray[np.int64]) -> float:
    return float(multiclass_calibration_error(
        torch.from_numpy(scores), torch.from_numpy(truth), scores.shape[1], n_bins=15
    ))
