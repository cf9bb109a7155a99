"""Make scores mean what they say, and find the score below which to answer `unknown`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.model_selection import GroupKFold
from torchmetrics.functional.classification import multiclass_calibration_error

from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.evaluate import logits_of
from dcat_ros.training.fit import fit

WANTED_ACCURACY = 0.9
LEAST_COVERAGE = 0.5
LEAST_THRESHOLD = 0.3


@dataclass(frozen=True)
class Calibration:
    """Measured on windows of subjects left out of the training.

    :param temperature: divides the logits before the softmax (Guo et al. 2017).
    :param threshold: score below which the answer is ``unknown``.
    :param coverage: share of windows at or above the threshold.
    :param accepted_accuracy: share of right answers among those.
    :param accuracy: share of right answers among all windows.
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
    data: Dataset, config: Config, out: Path, key: str, progress: Progress
) -> Calibration:
    """Calibrate on out-of-fold logits of all subjects, each fold leaving whole subjects out.

    A finished fold is kept in ``out`` and not repeated while the key stays the same.

    :raises TrainingError: if there is one subject only, or a class has one subject only.
    """
    subjects = data.subjects
    folds = min(config.protocol.folds, len(subjects))
    if folds < 2:
        raise TrainingError(
            f'subject "{subjects[0]}" is the only one, calibration leaves subjects out in turn: '
            'record another'
        )
    logits, truth = [], []
    splits = GroupKFold(folds).split(subjects, groups=subjects)
    for number, (kept, left_out) in enumerate(splits, start=1):
        path = out / f'fold{number}.npz'
        fold = _load(path, key)
        if fold is None:
            train = data.clips_of(subjects[i] for i in kept)
            windows = data.live.of(
                i for i, clip in enumerate(data.clips)
                if clip.subject in {subjects[j] for j in left_out}
            )
            title = f'calibration {number} of {folds}'
            network = fit(data, train, config, 0, progress, title)
            fold = logits_of(network, windows), data.targets[windows.clips]
            _save(path, key, *fold)
        logits.append(fold[0])
        truth.append(fold[1])
    return calibration_of(np.concatenate(logits), np.concatenate(truth))


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
        accepted_accuracy=float(right[accepted].mean()),
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

    It is lowered where fewer than `LEAST_COVERAGE` of the windows would be accepted, and never
    less than `LEAST_THRESHOLD`, so that something utterly new can be unknown.

    :param top: (windows,) the best class's score.
    :param right: (windows,) whether it is the true one.
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


def _load(path: Path, key: str) -> tuple[NDArray[np.float32], NDArray[np.int64]] | None:
    if not path.exists():
        return None
    with np.load(path) as kept:
        return (kept['logits'], kept['truth']) if str(kept['key']) == key else None


def _save(path: Path, key: str, logits: NDArray, truth: NDArray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix('.part.npz')
    np.savez(part, key=np.array(key), logits=logits, truth=truth)
    part.replace(path)
