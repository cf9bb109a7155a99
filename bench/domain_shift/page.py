# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the template of the page needs, from the JSON of the results alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.domain_shift.results import Results
from bench.domain_shift.rows import (
    ADAPTED,
    CONTROLLED,
    ELSEWHERE,
    NOT_ADAPTED,
    PSEUDO,
    Row,
    SOURCE_ADAPTED,
    STATISTICS,
    STATISTICS_BY_PERSON,
    UPPER,
    UTD,
    WITHIN,
)
from dcat_ros.evaluation.plan import method_of
from dcat_ros.evaluation.statistics import Estimate

PLACES = {'utd': 'UTD-MHAD', 'watch': 'watch', 'phone': 'phone'}
METHODS = {
    '': 'none',
    STATISTICS: 'normalisation statistics of s01 to s08',
    STATISTICS_BY_PERSON: 'normalisation statistics of each test person',
    PSEUDO: 'pseudo-labels',
}


def values(path: Path) -> dict[str, Any]:
    """Return the values for the template.

    :param path: of the JSON file.
    """
    results = Results.read(path)
    comparisons = results.comparisons()
    target_rows = [NOT_ADAPTED, *ADAPTED, UPPER]
    return {
        'results': results,
        'about': results.about,
        'settings': results.settings,
        'places': PLACES,
        'within': [*WITHIN, *ELSEWHERE],
        'source_rows': [Row(UTD, 'phone'), *SOURCE_ADAPTED, Row('phone', 'phone')],
        'target_rows': target_rows,
        'controls': [row.control for row in CONTROLLED],
        'pseudo': Row(UTD, 'watch', PSEUDO),
        'against_none': {row: comparisons.get((row, NOT_ADAPTED)) for row in target_rows},
        'against_control': {row: comparisons.get((row, row.control)) for row in target_rows},
        'comparisons': len(comparisons),
        'name': method_name,
        'points': points,
        'difference': difference,
    }


def method_name(row: Row) -> str:
    """Return the method of a row as the page names it."""
    method = method_of(row.method)
    name = METHODS.get(method, f'`{method}`')
    return f'{name}, shuffled' if row.is_control else name


def points(found: Estimate) -> str:
    """Return a score in points with its interval, such as `81.2 (79.0 to 83.4)`."""
    mean = f'{100 * found.mean:.1f}'
    if found.low is None or found.high is None:
        return mean
    return f'{mean} ({100 * found.low:.1f} to {100 * found.high:.1f})'


def difference(comparison: Any) -> str:
    """Return a difference in points with its corrected p, or a dash for no comparison."""
    if comparison is None:
        return '–'
    p = 'p < 0.001' if comparison.p < 0.001 else f'p = {comparison.p:.3f}'
    return f'{100 * comparison.difference.mean:+.1f} ({p})'
