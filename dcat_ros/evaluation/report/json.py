# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's results as JSON.

`protocol`, `recipes`, `bags`, `source_bags`, `versions`: what they were made of;
`planned`, `finished`: numbers of trials; `failures`: a trial and why it failed, each;
`tables`: of each direction and split `classes`, `finding`, `overfit` (correlation of the source's
overfitting with the gains, and its points) and `cells`: of each row and share of labels the
`macro_f1`, and as differences `unimodal` and `control`, with `p` Holm-corrected and `clips`, the
interval over test clips; by seed `seeds`, `macro_f1_by_seed`, `window_macro_f1` (of single
windows), `transitions_macro_f1` (of windows that span a change of activity), `train_macro_f1`,
`windows`, `chosen`, `seconds`, `curves`; by class `f1_by_seed` and `confusion`, whose last column
counts clips without window; and `reliability`. Scores are 0 to 1, null is what there is not.
`overfitting`: of a study with variants of targets, by direction, split, method and share of labels
the `points` (a variant each, with the target's overfitting and the gain over the control), the
`slope` of the gain, the numbers of the points that are the `recipe`, `chosen` on validation
subjects, and in test those with `most_gain` and the `best` score, and the `recovered` share of the
largest gain.
"""

from __future__ import annotations

from dataclasses import asdict
from math import isnan
from typing import Any

from dcat_ros.evaluation.overfitting import curves_of
from dcat_ros.evaluation.plan import is_method
from dcat_ros.evaluation.report import overfitting_text
from dcat_ros.evaluation.report.text import finding, verdict
from dcat_ros.evaluation.results import Cell, Comparison, Results, Table
from dcat_ros.training import provenance


def document(results: Results) -> dict[str, Any]:
    """Return the results, fit for JSON."""
    bags, source_bags = results.inputs.sums
    return _without_nan({
        'protocol': {**asdict(results.study), 'rows': results.rows},
        'recipes': {name: asdict(each) for name, each in results.inputs.recipes.items()},
        'bags': bags,
        'source_bags': source_bags,
        'versions': provenance.versions(),
        'planned': results.planned,
        'finished': results.finished,
        'failures': [
            {**asdict(trial), 'why': why} for trial, why in results.failures.items()
        ],
        'tables': [_table(table) for table in results.tables],
        'overfitting': [overfitting_text.record(curve) for curve in curves_of(results)],
    })


def _without_nan(value: Any) -> Any:
    """Return a record with null for what is not a number."""
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and isnan(value) else value


def _table(table: Table) -> dict[str, Any]:
    return {
        **asdict(table.direction),
        'split': table.split,
        'classes': table.classes,
        'finding': finding(table),
        'overfit': {**asdict(table.overfit), 'points': table.points.to_dict('records')},
        'cells': [_cell(cell) for cell in table.cells],
    }


def _cell(cell: Cell) -> dict[str, Any]:
    outcomes = cell.series.outcomes
    return {
        'row': cell.row,
        'labelled': cell.labelled,
        'verdict': verdict(cell).name.lower() if is_method(cell.row) else None,
        'macro_f1': asdict(cell.macro_f1),
        'unimodal': _comparison(cell.unimodal),
        'control': _comparison(cell.control),
        'seeds': cell.series.seeds,
        'macro_f1_by_seed': cell.series.macro_f1.tolist(),
        'window_macro_f1': [each.window_macro_f1 for each in outcomes],
        'transitions_macro_f1': [each.transitions_macro_f1 for each in outcomes],
        'train_macro_f1': [each.train_macro_f1 for each in outcomes],
        'windows': [each.windows for each in outcomes],
        'open_set': [each.open_set for each in outcomes],
        'chosen': [each.chosen for each in outcomes],
        'seconds': [each.seconds for each in outcomes],
        'curves': [each.curve for each in outcomes],
        'f1_by_seed': cell.series.f1.tolist(),
        'confusion': cell.series.confusion.tolist(),
        'reliability': asdict(cell.series.reliability),
    }


def _comparison(found: Comparison | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        'seeds': found.seeds,
        'mean': found.difference.mean,
        'interval': [found.difference.low, found.difference.high],
        'p_alone': found.difference.p,
        'p': found.p,
        'clips': list(found.clips),
        'shown': found.sign != 0,
    }
