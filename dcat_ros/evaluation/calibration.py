# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Whether scores mean what they say: share of right answers against score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from dcat_ros.evaluation.scores_by_seed import Series
import numpy as np
import torch
from torchmetrics.functional.classification import multiclass_calibration_error

BINS = 15


@dataclass(frozen=True)
class Reliability:
    """A reliability diagram of the clips' highest scores, all seeds together.

    Clips without a window have no score and are not in it.

    :param ece: expected calibration error (Guo et al. 2017), None without scores.
    :param scores: mean score in each bin that holds clips.
    :param accuracy: share of right answers in each of those.
    :param clips: number of clips in each of those.
    """

    ece: float | None
    scores: list[float]
    accuracy: list[float]
    clips: list[int]


@cache
def reliability(series: Series) -> Reliability:
    """Return how a row's scores and its right answers go together."""
    scores, truth = np.concatenate(series.scores), np.concatenate(series.truth)
    scored = scores.any(axis=1)
    scores, truth = scores[scored], truth[scored]
    if not len(scores):
        return Reliability(None, [], [], [])
    scores = scores / scores.sum(axis=1, keepdims=True)
    top, right = scores.max(axis=1), scores.argmax(axis=1) == truth
    bins = np.clip(np.ceil(top * BINS).astype(int) - 1, 0, BINS - 1)
    held = np.unique(bins)
    ece = multiclass_calibration_error(
        torch.from_numpy(scores), torch.from_numpy(truth), series.classes, n_bins=BINS
    )
    return Reliability(
        float(ece),
        [float(top[bins == number].mean()) for number in held],
        [float(right[bins == number].mean()) for number in held],
        [int((bins == number).sum()) for number in held],
    )
