# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How far a difference depends on the very clips that were scored.

Seeds share their test clips, so that a test over seeds says nothing of other clips. Here the clips
are drawn anew, with replacement within their class, each with its answers of all seeds, and both
rows get the same draws: a cluster bootstrap, the clip being the cluster (Davison and Hinkley 1997,
"Bootstrap Methods and their Application", 3.8).
"""

from __future__ import annotations

from functools import cache

from dcat_ros.evaluation.scores_by_seed import Series
from dcat_ros.evaluation.statistics import CONFIDENCE
import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000


def interval(first: Series, second: Series) -> tuple[float, float]:
    """Return the interval of the first series' mean macro-F1 less the second's.

    :param first: of the same seeds and test clips as `second`.
    """
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(resampled(first) - resampled(second), [tail, 1 - tail])
    return float(low), float(high)


@cache
def resampled(series: Series) -> NDArray[np.float64]:
    """Return the mean over seeds of the macro-F1 in each resample, (resamples,)."""
    every, first = np.unique(np.concatenate(series.clips), return_index=True)
    counts = draws(tuple(np.concatenate(series.truth)[first].tolist()))
    labels = np.arange(series.classes)
    total = np.zeros(RESAMPLES)
    for clips, truth, answers in zip(series.clips, series.truth, series.answers, strict=True):
        drawn = counts[:, np.searchsorted(every, clips)]
        is_label, is_answer = truth[:, None] == labels, answers[:, None] == labels
        hits = drawn @ (is_label & is_answer).astype(np.float32)
        both = drawn @ (is_label.astype(np.float32) + is_answer.astype(np.float32))
        total += (2 * hits / np.maximum(both, 1)).mean(axis=1)
    return total / len(series.seeds)


@cache
def draws(truth: tuple[int, ...]) -> NDArray[np.float32]:
    """Return how often each clip comes in each resample, (resamples, clips).

    :param truth: class of each clip; equal ones give equal draws.
    """
    random = np.random.default_rng(0)
    counts = np.zeros((RESAMPLES, len(truth)), np.float32)
    for label in np.unique(truth):
        of_label = np.flatnonzero(np.array(truth) == label)
        shares = np.full(len(of_label), 1 / len(of_label))
        counts[:, of_label] = random.multinomial(len(of_label), shares, RESAMPLES)
    return counts
