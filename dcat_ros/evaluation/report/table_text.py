# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's tables as text, the same for page and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

from dcat_ros.evaluation.calibration import reliability
from dcat_ros.evaluation.report.wording import (
    clips_text,
    difference_text,
    direction_text,
    estimate_text,
    percent,
    row_of,
    share_text,
    shown_text,
    signed,
    SPLITS,
)
from dcat_ros.evaluation.results import Results
from dcat_ros.evaluation.rows import UNIMODAL
from dcat_ros.evaluation.tables import Cell, Table
from dcat_ros.reports.cells import UNKNOWN
from dcat_ros.reports.wording import seconds
import numpy as np


@dataclass(frozen=True)
class Sheet:
    """A table under a heading.

    :param rows: as many cells each as the head has.
    """

    title: str
    head: list[str]
    rows: list[list[str]]


def heading(table: Table) -> str:
    """Return what a table is of."""
    return f'{direction_text(table.direction)}, {SPLITS[table.split]}'


def main(table: Table) -> Sheet:
    """Return the scores with their differences to unimodal and to the control."""
    head = [
        'labels', 'row', 'macro-F1 [95 %]', 'to unimodal [95 %]', 'p', 'over clips',
        'to control [95 %]', 'p', 'over clips', 'seeds',
    ]
    return Sheet(heading(table), head, [
        [
            share_text(cell.labelled), cell.row, estimate_text(cell.macro_f1),
            difference_text(cell.unimodal), shown_text(cell.unimodal), clips_text(cell.unimodal),
            difference_text(cell.control), shown_text(cell.control), clips_text(cell.control),
            str(len(cell.series.seeds)),
        ]
        for cell in table.cells
    ])


def by_seed(table: Table) -> Sheet:
    """Return the macro-F1 of each seed, and how far each row had overfitted."""
    seeds = sorted({seed for cell in table.cells for seed in cell.series.seeds})
    head = ['labels', 'row', *(f'seed {seed}' for seed in seeds), 'training less test']
    rows = []
    for cell in table.cells:
        found = dict(zip(cell.series.seeds, cell.series.macro_f1, strict=True))
        values = [percent(found.get(seed)) for seed in seeds]
        rows.append([
            share_text(cell.labelled), cell.row, *values, signed(cell.series.overfit.mean())
        ])
    return Sheet(f'Macro-F1 by seed: {heading(table)}', head, rows)


def work(table: Table) -> Sheet:
    """Return the number of windows of each kind, what was chosen, and what it cost."""
    kinds = list(dict.fromkeys(
        kind for cell in table.cells for each in cell.series.outcomes for kind in each.windows
    ))
    names = [kind.replace('_', ' ') for kind in kinds]
    head = ['labels', 'row', *names, 'chosen', 'ECE', 'clips missed', 'time a seed']
    return Sheet(f'Training windows, choices and calibration: {heading(table)}', head, [
        [
            share_text(cell.labelled), cell.row,
            *(_count([each.windows.get(kind) for each in cell.series.outcomes]) for kind in kinds),
            _chosen(cell), _ece(cell), str(int(cell.series.confusion[:, -1].sum())),
            seconds(float(np.mean([each.seconds for each in cell.series.outcomes]))),
        ]
        for cell in table.cells
    ])


def by_class(table: Table, share: float) -> Sheet:
    """Return the F1 of each class of unimodal, and what the other rows gain or lose."""
    alone = table.cell(UNIMODAL, share)
    others = [
        cell for cell in table.cells if cell.unimodal is not None and cell.labelled == share
    ]
    head = ['class', UNIMODAL, *(cell.row for cell in others)]
    title = f'F1 by class, others less {UNIMODAL}, {share_text(share)}: {heading(table)}'
    if alone is None:
        return Sheet(title, head, [])
    base = alone.series.f1.mean(axis=0)
    means = [cell.series.f1.mean(axis=0) for cell in others]
    return Sheet(title, head, [
        [name, percent(base[place]), *(signed(mean[place] - base[place]) for mean in means)]
        for place, name in enumerate(table.classes)
    ])


def failures(results: Results) -> Sheet:
    """Return the trials that failed, and why."""
    return Sheet('Failed trials', ['trial', 'reason'], [
        [
            f'{row_of(trial)}, seed {trial.seed}', why,
        ]
        for trial, why in results.failures.items()
    ])


def _count(counts: Sequence[int | None]) -> str:
    known = [count for count in counts if count is not None]
    return f'{round(np.mean(known)):,}' if known else UNKNOWN


def _chosen(cell: Cell) -> str:
    """Return the settings that seeds chose, from the lowest to the highest."""
    names = dict.fromkeys(name for each in cell.series.outcomes for name in each.chosen)
    parts = []
    for name in names:
        values = [each.chosen.get(name, nan) for each in cell.series.outcomes]
        known = sorted(value for value in values if not isnan(value))
        if known:
            ends = dict.fromkeys(f'{value:.3g}' for value in (known[0], known[-1]))
            parts.append(f'{name.replace("_", " ")} {" to ".join(ends)}')
    return ', '.join(parts) or UNKNOWN


def _ece(cell: Cell) -> str:
    ece = reliability(cell.series).ece
    return UNKNOWN if ece is None else f'{ece:.3f}'
