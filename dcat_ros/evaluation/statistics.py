# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Means with their intervals, and differences with their tests, over seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

CONFIDENCE = 0.95
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Estimate:
    """A mean and its confidence interval.

    :param low: None where fewer than two values leave no interval, as is `high`.
    """

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Paired:
    """A mean difference of pairs, its confidence interval and its test.

    :param p: two-sided, of no difference; None for fewer than two pairs.
    """

    mean: float
    low: float | None
    high: float | None
    p: float | None


def estimate(values: ArrayLike) -> Estimate:
    """Return the mean of values (n,) with its interval by Student's t."""
    found = np.asarray(values, float)
    mean = float(found.mean())
    if len(found) < 2:
        return Estimate(mean, None, None)
    error = stats.sem(found)
    if not error:
        return Estimate(mean, mean, mean)
    low, high = stats.t.interval(CONFIDENCE, len(found) - 1, mean, error)
    return Estimate(mean, float(low), float(high))


def score_estimate(scores: ArrayLike) -> Estimate:
    """Return the estimate of scores (n,) from 0 to 1, its interval cut to that range."""
    found = estimate(scores)
    if found.low is None or found.high is None:
        return found
    return Estimate(found.mean, max(found.low, 0.0), min(found.high, 1.0))


def paired(values: ArrayLike, others: ArrayLike) -> Paired:
    """Return the difference of values (n,) and others (n,), with the paired t-test.

    Equal pairs have a p of 1. A difference that is the same in all pairs, as no real ones are, has
    a p of 0.
    """
    differences = np.asarray(values, float) - np.asarray(others, float)
    found = estimate(differences)
    if found.low is None:
        return Paired(found.mean, None, None, None)
    if found.low == found.high:
        return Paired(found.mean, found.low, found.high, 0.0 if found.mean else 1.0)
    p = float(stats.ttest_1samp(differences, 0.0).pvalue)
    return Paired(found.mean, found.low, found.high, p)


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number (Holm 1979, Scand. J. Statist. 6:65-70)."""
    p = np.asarray(values, float)
    order = np.argsort(p, kind='stable')
    factors = np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1.0)
    return adjusted.tolist()


@dataclass(frozen=True)
class Correlation:
    """Pearson's r and its two-sided p; None where there are too few points or no spread."""

    r: float | None
    p: float | None


def correlation(first: ArrayLike, second: ArrayLike) -> Correlation:
    """Return how two quantities (n,) go together."""
    a, b = np.asarray(first, float), np.asarray(second, float)
    if len(a) < 3 or not np.ptp(a) or not np.ptp(b):
        return Correlation(None, None)
    result = stats.pearsonr(a, b)
    return Correlation(float(result.statistic), float(result.pvalue))
