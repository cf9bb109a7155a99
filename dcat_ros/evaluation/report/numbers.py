# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's numbers as people read them."""

from __future__ import annotations

from dcat_ros.evaluation.results import Comparison
from dcat_ros.evaluation.statistics import Estimate
from dcat_ros.pages.text import UNKNOWN

MINUS = '−'


def percent(value: float | None) -> str:
    """Return 100 times a score."""
    return UNKNOWN if value is None else f'{100 * value:.1f}'.replace('-', MINUS)


def signed(value: float) -> str:
    """Return 100 times a difference, with its sign."""
    text = f'{100 * abs(value):.1f}'
    return text if float(text) == 0 else f'{MINUS if value < 0 else "+"}{text}'


def p_text(p: float) -> str:
    """Return a p-value, such as 'p = 0.012'."""
    return 'p < 0.001' if p < 0.001 else f'p = {p:.2g}' if p < 0.995 else 'p = 1'


def estimate_text(found: Estimate) -> str:
    """Return a mean with its interval, such as '47.3 [44.1, 50.5]'."""
    if found.low is None:
        return f'{percent(found.mean)} (one seed)'
    return f'{percent(found.mean)} [{percent(found.low)}, {percent(found.high)}]'


def comparison_texts(found: Comparison | None) -> tuple[str, str, str]:
    """Return difference with its interval over seeds, corrected p, and interval over clips.

    An asterisk behind p marks a difference that counts as shown.
    """
    if found is None:
        return UNKNOWN, UNKNOWN, UNKNOWN
    difference, (low, high) = found.difference, found.clips
    text, p = signed(difference.mean), UNKNOWN
    if difference.low is not None and difference.high is not None:
        text += f' [{signed(difference.low)}, {signed(difference.high)}]'
    if found.p is not None:
        p = p_text(found.p).removeprefix('p ').removeprefix('= ') + ' *' * bool(found.sign)
    return text, p, f'[{signed(low)}, {signed(high)}]'
