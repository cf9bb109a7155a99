# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Tables and sentences on an overfitted target.

A relation between overfitting and gain counts as shown if the slope of the gain, one value a seed,
differs from zero by Student's t over seeds.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dcat_ros.evaluation.overfitting import Curve, Point
from dcat_ros.evaluation.report.numbers import comparison_texts, estimate_text, p_text, signed
from dcat_ros.evaluation.report.tables import TextTable
from dcat_ros.evaluation.statistics import SIGNIFICANT
from dcat_ros.evaluation.trial import share_text, SPLITS
from dcat_ros.pages.text import UNKNOWN
import pandas as pd

UNIT = 10
"""Points of overfitting for which the slope of the gain is given."""


def heading(curve: Curve) -> str:
    """Return direction, split, method and share of labels of a curve."""
    return (
        f'{curve.direction}, {SPLITS[curve.split]}, {curve.method}, {share_text(curve.labelled)}'
    )


def points(curve: Curve) -> TextTable:
    """Return a row for each variant."""
    return TextTable(heading(curve), pd.DataFrame([
        {
            'target': point.variant.network,
            'epochs': f'× {point.variant.epochs:g}',
            'unimodal: training less test': estimate_text(point.overfit),
            'unimodal': estimate_text(point.alone.macro_f1),
            curve.method: estimate_text(point.cell.macro_f1),
            'to control [95 %]': comparison_texts(point.gain)[0],
            'over clips': comparison_texts(point.gain)[2],
            'validation': _percent(point.validated),
            'seeds': str(len(point.cell.series.seeds)),
        }
        for point in curve.points
    ]))


def choices(curve: Curve) -> TextTable:
    """Return what the choice on validation subjects recovers, beside what hindsight knows."""
    rows = {
        'the recipe as it is': curve.recipe,
        'chosen on validation subjects': curve.chosen,
        'largest gain in test (hindsight)': curve.most_gain,
        'highest macro-F1 in test (hindsight)': curve.best,
    }
    most = curve.most_gain.gain.difference.mean
    return TextTable(f'Choice of the target: {heading(curve)}', pd.DataFrame([
        {
            'variant': title,
            'target': str(point.variant),
            'validation': _percent(point.validated),
            curve.method: estimate_text(point.cell.macro_f1),
            'to control [95 %]': comparison_texts(point.gain)[0],
            'of the largest gain (%)': (
                f'{100 * point.gain.difference.mean / most:.0f}'.replace('-', '−')
                if most > 0 else UNKNOWN
            ),
        }
        for title, point in rows.items() if point
    ]))


def finding(curve: Curve) -> str:
    """Return whether the gain falls with overfitting, and what the choice recovers."""
    return f'{heading(curve)}: {_relation(curve)}.{_choice(curve)}'


def has_relation(curve: Curve) -> bool:
    """Tell whether a relation between overfitting and gain is shown."""
    return bool(curve.slope and curve.slope.p is not None and curve.slope.p < SIGNIFICANT)


def record(curve: Curve) -> dict[str, Any]:
    """Return a curve, fit for JSON; scores and differences are 0 to 1."""
    return {
        **asdict(curve.direction),
        'split': curve.split,
        'method': curve.method,
        'labelled': curve.labelled,
        'finding': finding(curve),
        'slope': asdict(curve.slope) if curve.slope else None,
        'points': [
            {
                **asdict(point.variant),
                'overfit': asdict(point.overfit),
                'unimodal': asdict(point.alone.macro_f1),
                'method': asdict(point.cell.macro_f1),
                'control': asdict(point.control.macro_f1),
                'gain': asdict(point.gain.difference),
                'validation': point.validated,
                'seeds': point.gain.seeds,
            }
            for point in curve.points
        ],
        'recipe': _number(curve, curve.recipe),
        'chosen': _number(curve, curve.chosen),
        'most_gain': _number(curve, curve.most_gain),
        'best': _number(curve, curve.best),
        'recovered': curve.recovered,
    }


def _relation(curve: Curve) -> str:
    slope = curve.slope
    if slope is None or slope.p is None:
        return 'too few seeds or variants to relate gain and overfitting'
    change = f'{signed(slope.mean * UNIT / 100)} points'
    if slope.low is not None and slope.high is not None:
        low, high = (signed(end * UNIT / 100) for end in (slope.low, slope.high))
        change += f' [{low}, {high}]'
    verb = 'rises' if slope.mean > 0 else 'falls'
    start = (
        f'the gain over the control {verb} with overfitting' if has_relation(curve) else
        'no relation between overfitting and gain over the control was shown'
    )
    return f'{start} ({change} for each {UNIT} points of overfitting, {p_text(slope.p)})'


def _choice(curve: Curve) -> str:
    if curve.chosen is None:
        return ''
    most = curve.most_gain
    text = (
        f' On validation subjects {curve.chosen.variant} is chosen: {_scores(curve.chosen)}; '
        f'the largest gain in test is {signed(most.gain.difference.mean)}, with {most.variant}'
    )
    if curve.recipe:
        text += f'; the recipe as it is: {_scores(curve.recipe)}'
    return text + '.'


def _scores(point: Point) -> str:
    return (
        f'macro-F1 {100 * point.cell.macro_f1.mean:.1f}, '
        f'{signed(point.gain.difference.mean)} over control'
    )


def _number(curve: Curve, point: Point | None) -> int | None:
    return None if point is None else curve.points.index(point)


def _percent(value: float) -> str:
    return UNKNOWN if value != value else f'{100 * value:.1f}'
