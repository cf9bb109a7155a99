# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's numbers and names as people read them."""

from __future__ import annotations

from dcat_ros.evaluation.protocol import Direction
from dcat_ros.evaluation.statistics import Estimate
from dcat_ros.evaluation.tables import Comparison
from dcat_ros.evaluation.trial import Trial
from dcat_ros.reports.cells import UNKNOWN

SPLITS = {
    'out_of_distribution': 'subjects left out',
    'in_distribution': 'clips left out at random',
}
MINUS = '−'


def direction_text(direction: Direction) -> str:
    """Return who teaches whom."""
    return f'{direction.source} → {direction.target}'


def row_of(trial: Trial) -> str:
    """Return what a trial is, but for its seed."""
    direction = f'{trial.source} → {trial.target}' if trial.source else trial.target
    return f'{direction}, {SPLITS[trial.split]}, {trial.row}, {share_text(trial.labelled)}'


def share_text(labelled: float) -> str:
    """Return a share of labels, such as '25 % labels'."""
    return 'all labels' if labelled == 1 else f'{100 * labelled:.4g} % labels'


def percent(value: float | None) -> str:
    """Return 100 times a score."""
    return UNKNOWN if value is None else f'{100 * value:.1f}'.replace('-', MINUS)


def signed(value: float) -> str:
    """Return 100 times a difference, with its sign."""
    text = f'{100 * abs(value):.1f}'
    return text if float(text) == 0 else f'{MINUS if value < 0 else "+"}{text}'


def points(value: float) -> str:
    """Return a difference of scores, such as '+3.2 points'."""
    return f'{signed(value)} points'


def p_text(p: float) -> str:
    """Return a p-value, such as 'p = 0.012'."""
    return 'p < 0.001' if p < 0.001 else f'p = {p:.2g}' if p < 0.995 else 'p = 1'


def estimate_text(found: Estimate) -> str:
    """Return a mean with its interval, such as '47.3 [44.1, 50.5]'."""
    if found.low is None:
        return f'{percent(found.mean)} (one seed)'
    return f'{percent(found.mean)} [{percent(found.low)}, {percent(found.high)}]'


def difference_text(found: Comparison | None) -> str:
    """Return a difference with its interval over seeds."""
    if found is None:
        return UNKNOWN
    low, high = found.difference.low, found.difference.high
    if low is None or high is None:
        return signed(found.difference.mean)
    return f'{signed(found.difference.mean)} [{signed(low)}, {signed(high)}]'


def clips_text(found: Comparison | None) -> str:
    """Return a difference's interval over test clips."""
    return UNKNOWN if found is None else f'[{signed(found.clips[0])}, {signed(found.clips[1])}]'


def shown_text(found: Comparison | None) -> str:
    """Return a corrected p, and whether the difference counts as shown."""
    if found is None or found.p is None:
        return UNKNOWN
    return f'{p_text(found.p).removeprefix("p ").removeprefix("= ")}{" *" * bool(found.sign)}'
