# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Means with their intervals, and differences with their tests, over seeds and over test clips.

Seeds share their test clips, so a test over seeds does not cover other clips. The bootstrap does:
it draws clips with replacement within their class, each with its predictions of all seeds, and
both rows get the same draws. It is a cluster bootstrap whose clusters are clips (Davison and
Hinkley 1997, "Bootstrap Methods and their Application", 3.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from dcat_ros.evaluation.series import Series
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

CONFIDENCE = 0.95
SIGNIFICANT = 0.05
RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A mean and its confidence interval.

    :param low: None if fewer than two values leave no interval, as is `high`.
    """

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class PairedDifference(Estimate):
    """A mean difference of pairs, its confidence interval and its test.

    :param p: two-sided, of no difference; None for fewer than two pairs.
    """

    p: float | None


@dataclass(frozen=True)
class Correlation:
    """Pearson's r and its two-sided p; None if there are too few points or no spread."""

    r: float | None
    p: float | None


def paired(values: ArrayLike, others: ArrayLike) -> PairedDifference:
    """Return the difference of values (n,) and others (n,), with the paired t-test.

    Equal pairs have a p of 1. If all pairs have the same difference, p is 0.
    """
    differences = np.asarray(values, float) - np.asarray(others, float)
    mean = float(differences.mean())
    if len(differences) < 2:
        return PairedDifference(mean, None, None, None)
    if not stats.sem(differences):
        return PairedDifference(mean, mean, mean, 0.0 if mean else 1.0)
    test = stats.ttest_1samp(differences, 0.0)
    low, high = test.confidence_interval(CONFIDENCE)
    return PairedDifference(mean, float(low), float(high), float(test.pvalue))


def estimate(values: ArrayLike) -> Estimate:
    """Return the mean of values (n,) with its interval by Student's t."""
    found = paired(values, np.zeros_like(np.asarray(values, float)))
    return Estimate(found.mean, found.low, found.high)


def score_estimate(scores: ArrayLike) -> Estimate:
    """Return the estimate of scores (n,) from 0 to 1, its interval clipped to that range."""
    found = estimate(scores)
    if found.low is None or found.high is None:
        return found
    return Estimate(found.mean, max(found.low, 0.0), min(found.high, 1.0))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979, Scand. J. Statist. 6:65-70)."""
    return multipletests(p_values, method='holm')[1].tolist() if p_values else []


def correlation(first: ArrayLike, second: ArrayLike) -> Correlation:
    """Return Pearson's correlation of two quantities (n,)."""
    a, b = np.asarray(first, float), np.asarray(second, float)
    if len(a) < 3 or not np.ptp(a) or not np.ptp(b):
        return Correlation(None, None)
    result = stats.pearsonr(a, b)
    return Correlation(float(result.statistic), float(result.pvalue))


def clip_interval(first: Series, second: Series) -> tuple[float, float]:
    """Return the bootstrap interval of the first series' mean macro-F1 minus the second's.

    :param first: of the same seeds and test clips as `second`.
    """
    tail = (1 - CONFIDENCE) / 2
    differences = resampled_macro_f1(first) - resampled_macro_f1(second)
    low, high = np.quantile(differences, [tail, 1 - tail])
    return float(low), float(high)


@cache
def resampled_macro_f1(series: Series) -> NDArray[np.float64]:
    """Return the mean over seeds of the macro-F1 in each resample, (resamples,)."""
    all_clips, first = np.unique(np.concatenate(series.clips), return_index=True)
    counts = resample_counts(tuple(np.concatenate(series.truth)[first].tolist()))
    labels = np.arange(series.classes)
    total = np.zeros(RESAMPLES)
    for clips, truth, predicted in zip(series.clips, series.truth, series.predicted, strict=True):
        drawn = counts[:, np.searchsorted(all_clips, clips)]
        is_label, is_predicted = truth[:, None] == labels, predicted[:, None] == labels
        hits = drawn @ (is_label & is_predicted).astype(np.float32)
        both = drawn @ (is_label.astype(np.float32) + is_predicted.astype(np.float32))
        total += (2 * hits / np.maximum(both, 1)).mean(axis=1)
    return total / len(series.seeds)


@cache
def resample_counts(truth: tuple[int, ...]) -> NDArray[np.float32]:
    """Return how often each clip occurs in each resample, (resamples, clips).

    :param truth: class of each clip; equal ones give equal draws.
    """
    random = np.random.default_rng(0)
    counts = np.zeros((RESAMPLES, len(truth)), np.float32)
    for label in np.unique(truth):
        of_label = np.flatnonzero(np.array(truth) == label)
        shares = np.full(len(of_label), 1 / len(of_label))
        counts[:, of_label] = random.multinomial(len(of_label), shares, RESAMPLES)
    return counts
