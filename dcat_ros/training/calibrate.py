# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Calibrate scores by a temperature, and choose the threshold of `unknown`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dcat_ros.method import Network
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.score import logits_of
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.model_selection import GroupKFold
import torch
from torchmetrics.functional.classification import multiclass_calibration_error

WANTED_ACCURACY = 0.9
LEAST_COVERAGE = 0.5
LEAST_THRESHOLD = 0.3


@dataclass(frozen=True)
class Calibration:
    """Measured on windows of subjects left out of the training.

    :param temperature: divides the logits before the softmax (Guo et al. 2017).
    :param threshold: score below which the answer is ``unknown``.
    :param coverage: share of windows at or above the threshold.
    :param accepted_accuracy: share of correct predictions among those, 0 if there are none.
    :param accuracy: share of correct predictions among all windows.
    :param ece_before: expected calibration error (15 bins) of the plain softmax.
    :param ece_after: the same with the temperature.
    """

    temperature: float
    threshold: float
    coverage: float
    accepted_accuracy: float
    accuracy: float
    ece_before: float
    ece_after: float


def calibrate(
    fit: Callable[[Sequence[str], str], Network], data: Dataset, folds: int
) -> Calibration:
    """Calibrate on the logits of subjects left out of the training in turn.

    :param fit: returns the network fitted to the clips of some subjects, given a title.
    :param folds: number of groups of subjects, at most one for each subject.
    :raises TrainingError: if there is only one subject, or a class has only one subject.
    """
    logits, truth = [], []
    parts = folds_of(data.subjects, folds)
    for number, (kept, left_out) in enumerate(parts, start=1):
        network = fit(kept, f'calibration {number} of {len(parts)}')
        rows = data.live.of(
            i for i, clip in enumerate(data.clips)
            if clip.subject in left_out and clip.label in data.classes
        )
        logits.append(logits_of(network, data.live, rows))
        truth.append(data.targets[data.live.clips[rows]])
    return calibration_of(np.concatenate(logits), np.concatenate(truth))


def folds_of(subjects: Sequence[str], folds: int) -> list[tuple[list[str], list[str]]]:
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


def calibration_of(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> Calibration:
    """Return the calibration of logits (windows, classes) against classes (windows,)."""
    temperature = best_temperature(logits, truth)
    scores = softmax(logits.astype(np.float64) / temperature, axis=1)
    top, right = scores.max(axis=1), scores.argmax(axis=1) == truth
    threshold = best_threshold(top, right)
    accepted = top >= threshold
    return Calibration(
        temperature=temperature,
        threshold=threshold,
        coverage=float(accepted.mean()),
        accepted_accuracy=float(right[accepted].mean()) if accepted.any() else 0.0,
        accuracy=float(right.mean()),
        ece_before=_calibration_error(softmax(logits, axis=1), truth),
        ece_after=_calibration_error(scores, truth),
    )


def best_temperature(logits: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Return the temperature, 0.05 to 20, with the smallest negative log-likelihood."""
    exact, rows = logits.astype(np.float64), np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        scaled = exact / np.exp(log_temperature)
        return -float(log_softmax(scaled, axis=1)[rows, truth].mean())

    return float(np.exp(minimize_scalar(loss, bounds=np.log([0.05, 20.0]), method='bounded').x))


def best_threshold(top: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Return the smallest threshold at which accepted windows reach `WANTED_ACCURACY`.

    If fewer than `LEAST_COVERAGE` of the windows would be accepted, it is lower. It is at least
    `LEAST_THRESHOLD`, so that unfamiliar activities can be `unknown`.

    :param top: (windows,) the highest score.
    :param right: (windows,) whether its class is the true one.
    """
    if right.mean() >= WANTED_ACCURACY:
        return LEAST_THRESHOLD
    order = np.argsort(-top, kind='stable')
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = int(np.ceil(LEAST_COVERAGE * len(order)))
    reached = np.flatnonzero(accuracy >= WANTED_ACCURACY)
    count = max(int(reached[-1]) + 1 if len(reached) else 0, enough)
    return max(float(top[order[count - 1]]), LEAST_THRESHOLD)


def _calibration_error(scores: NDArray, truth: NDArray[np.int64]) -> float:
    return float(multiclass_calibration_error(
        torch.from_numpy(scores), torch.from_numpy(truth), scores.shape[1], n_bins=15
    ))
