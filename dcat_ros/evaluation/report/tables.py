# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's tables as data frames of text, the same for the page and for Markdown."""

from __future__ import annotations

from math import isnan, nan
from typing import NamedTuple

from dcat_ros.evaluation.plan import UNIMODAL
from dcat_ros.evaluation.report.numbers import comparison_texts, estimate_text, percent, signed
from dcat_ros.evaluation.report.text import heading
from dcat_ros.evaluation.results import Cell, Results, Table
from dcat_ros.evaluation.statistics import score_estimate
from dcat_ros.evaluation.trial import share_text
from dcat_ros.pages.text import seconds, UNKNOWN
import numpy as np
import pandas as pd


class TextTable(NamedTuple):
    """A table of text under a heading."""

    title: str
    frame: pd.DataFrame

    @property
    def head(self) -> list[str]:
        """Return the names of the columns; names may repeat."""
        return list(self.frame.columns)

    @property
    def rows(self) -> list[list[str]]:
        """Return the cells, row by row."""
        return self.frame.values.tolist()


def scores(table: Table) -> TextTable:
    """Return the scores with their differences to unimodal and to the control."""
    columns = [
        'labels', 'row', 'macro-F1 [95 %]', 'to unimodal [95 %]', 'p', 'over clips',
        'to control [95 %]', 'p', 'over clips', 'seeds',
    ]
    return TextTable(heading(table), pd.DataFrame([
        (
            share_text(cell.labelled), cell.row, estimate_text(cell.macro_f1),
            *comparison_texts(cell.unimodal), *comparison_texts(cell.control),
            str(len(cell.series.seeds)),
        )
        for cell in table.cells
    ], columns=columns))


def by_seed(table: Table) -> TextTable:
    """Return the macro-F1 of each seed, and how far each row overfitted."""
    frame = pd.DataFrame([
        {
            'labels': share_text(cell.labelled),
            'row': cell.row,
            **{f'seed {seed}': percent(score) for seed, score in zip(
                cell.series.seeds, cell.series.macro_f1, strict=True
            )},
            'training less test': signed(cell.series.overfit.mean()),
        }
        for cell in table.cells
    ]).fillna(UNKNOWN)
    seeds = sorted(frame.columns[frame.columns.str.startswith('seed ')],
                   key=lambda name: int(name.removeprefix('seed ')))
    return TextTable(
        f'Macro-F1 by seed: {heading(table)}',
        frame[['labels', 'row', *seeds, 'training less test']],
    )


def by_window(table: Table) -> TextTable | None:
    """Return the macro-F1 of single windows within an activity, and across a change of it.

    None without windows of the second kind, as where each clip was recorded separately.
    """
    if any(o.transitions_macro_f1 is None for cell in table.cells for o in cell.series.outcomes):
        return None
    rows = []
    for cell in table.cells:
        outcomes = cell.series.outcomes
        rows.append({
            'labels': share_text(cell.labelled),
            'row': cell.row,
            'windows within an activity': estimate_text(
                score_estimate([each.window_macro_f1 for each in outcomes])
            ),
            'windows across a change': estimate_text(
                score_estimate([each.transitions_macro_f1 or 0.0 for each in outcomes])
            ),
        })
    return TextTable(f'Macro-F1 of single windows: {heading(table)}', pd.DataFrame(rows))


def work(table: Table) -> TextTable:
    """Return the number of windows of each kind, what was chosen, and the time."""
    frame = pd.DataFrame([
        {
            'labels': share_text(cell.labelled),
            'row': cell.row,
            **{
                kind.replace('_', ' '): f'{round(count):,}' for kind, count in
                pd.DataFrame([outcome.windows for outcome in cell.series.outcomes]).mean().items()
            },
            'chosen': _chosen(cell),
            'ECE': _ece(cell),
            'clips missed': str(int(cell.series.confusion[:, -1].sum())),
            'time a seed': seconds(float(np.mean([o.seconds for o in cell.series.outcomes]))),
        }
        for cell in table.cells
    ]).fillna(UNKNOWN)
    last = ['chosen', 'ECE', 'clips missed', 'time a seed']
    return TextTable(
        f'Training windows, choices and calibration: {heading(table)}',
        frame[[*frame.columns.drop(last), *last]],
    )


OPEN_SET = {
    'known_right': 'of the named known windows: right',
    'strangers_named_wrongly': "strangers' movement named wrongly",
    'strangers_auroc': 'strangers: AUROC',
    'smooth_named': 'smooth random movement named',
    'rest_named': 'rest named',
    'recombined_named': 'arms of different activities named',
    'remounted_named': 'wrongly mounted sensor named',
    'misreported_named': 'wrong driver named',
    'left_out_auroc': 'classes left out: AUROC',
    'left_out_named': 'classes left out: named',
}
"""Titles of the measures, see :class:`dcat_ros.evaluation.open_set.OpenSetWindows`."""


def open_set(table: Table) -> TextTable:
    """Return what is named where 90 % of the known windows are, means over the seeds."""
    rows = []
    for cell in table.cells:
        found = [outcome.open_set for outcome in cell.series.outcomes if outcome.open_set]
        means = pd.DataFrame(found).mean() if found else pd.Series(dtype=float)
        rows.append({
            'labels': share_text(cell.labelled),
            'row': cell.row,
            **{
                title: f'{means[name]:.3f}' if name.endswith('auroc') else percent(means[name])
                for name, title in OPEN_SET.items() if name in means
            },
        })
    return TextTable(
        f'Known and unknown movement, where 90 % of the known windows are named: '
        f'{heading(table)}',
        pd.DataFrame(rows).fillna(UNKNOWN),
    )


def by_class(table: Table, share: float) -> TextTable:
    """Return the F1 of each class of unimodal, and what the other rows gain or lose."""
    others = [
        cell for cell in table.cells if cell.unimodal is not None and cell.labelled == share
    ]
    frame = pd.DataFrame(columns=['class', UNIMODAL, *(cell.row for cell in others)])
    if alone := table.cell(UNIMODAL, share):
        base = alone.series.f1.mean(axis=0)
        frame = pd.DataFrame({
            'class': table.classes,
            UNIMODAL: [percent(value) for value in base],
            **{
                cell.row: [signed(gain) for gain in cell.series.f1.mean(axis=0) - base]
                for cell in others
            },
        })
    title = f'F1 by class, others less {UNIMODAL}, {share_text(share)}: {heading(table)}'
    return TextTable(title, frame)


def failures(results: Results) -> TextTable:
    """Return the trials that failed, and why."""
    return TextTable('Failed trials', pd.DataFrame([
        (f'{trial.row_text}, seed {trial.seed}', why) for trial, why in results.failures.items()
    ], columns=['trial', 'reason']))


def _chosen(cell: Cell) -> str:
    """Return the settings that seeds chose, from the lowest to the highest."""
    names = dict.fromkeys(name for outcome in cell.series.outcomes for name in outcome.chosen)
    parts = []
    for name in names:
        values = [outcome.chosen.get(name, nan) for outcome in cell.series.outcomes]
        known = sorted(value for value in values if not isnan(value))
        if known:
            ends = dict.fromkeys(f'{value:.3g}' for value in (known[0], known[-1]))
            parts.append(f'{name.replace("_", " ")} {" to ".join(ends)}')
    return ', '.join(parts) or UNKNOWN


def _ece(cell: Cell) -> str:
    ece = cell.series.reliability.ece
    return UNKNOWN if ece is None else f'{ece:.3f}'
