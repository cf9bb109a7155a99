# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Scores of clips and windows, and the classes and macro-F1 that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dcat_ros.method import Classifier
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.windows import OUTSIDE, Windows
import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.metrics import f1_score
import torch

MISSED = -1
"""The predicted class of a clip without a window."""
BATCH = 64


@torch.no_grad()
def logits_of(
    network: Classifier, windows: Windows, rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the logits (rows, classes) of a network in evaluation mode."""
    parts = [
        network(torch.from_numpy(windows.inputs(rows[first:first + BATCH]))).logits.numpy()
        for first in range(0, len(rows), BATCH)
    ]
    return np.concatenate(parts) if parts else np.empty((0, network.classes), np.float32)


class Scores(NamedTuple):
    """The scores of a network.

    ``clips`` (clips, classes): the mean softmax of each clip's windows, zeros where it has none.
    ``windows`` (windows, classes): the softmax of each, and ``truth`` (windows,) its class.
    """

    clips: NDArray[np.float64]
    windows: NDArray[np.float64]
    truth: NDArray[np.int64]


def scores_of(network: Classifier, data: Dataset, clips: Sequence[int]) -> Scores:
    """Return the scores of the live windows of some clips."""
    rows = data.live.of(clips)
    logits = logits_of(network, data.live, rows).astype(np.float64)
    windows, of_rows = softmax(logits, axis=1), data.live.clips[rows]
    found = np.zeros((len(clips), len(data.classes)))
    for i, own in enumerate(data.live.of_each(clips)):
        if len(own):
            found[i] = windows[np.searchsorted(rows, own)].mean(axis=0)
    return Scores(found, windows, data.targets[of_rows])


def transitions_macro_f1(
    network: Classifier, data: Dataset, clips: Sequence[int]
) -> float | None:
    """Return the macro-F1 of the windows that span a change of activity; None without any.

    The truth is the activity at the window's centre.

    :param clips: the centres lie in these.
    """
    windows = data.dense
    spanning = (windows.clips == OUTSIDE) & np.isin(windows.centre_clips, list(clips))
    rows = np.flatnonzero(spanning)
    if not len(rows):
        return None
    found = logits_of(network, windows, rows).argmax(axis=1)
    truth = data.targets[windows.centre_clips[rows]]
    return macro_f1_of(truth, found, len(data.classes))


def predicted_classes(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the class of each clip (clips,), or `MISSED`, by its scores (clips, classes)."""
    return np.where(scores.any(axis=1), scores.argmax(axis=1), MISSED)


def macro_f1_of(truth: NDArray[np.int64], found: NDArray[np.int64], classes: int) -> float:
    """Return the mean over the classes of F1, 0 to 1; `MISSED` counts as wrong."""
    return float(f1_score(
        truth, found, labels=range(classes), average='macro', zero_division=0
    ))
