# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Figures of learning curves and of calibration."""

from __future__ import annotations

from collections.abc import Sequence

from dcat_ros.evaluation.plan import is_control
from dcat_ros.evaluation.report.axes import colours, face, legend, named, panels
from dcat_ros.evaluation.results import Cell, Table
from dcat_ros.evaluation.trial import share_text
from dcat_ros.reports.figures import FAINT
from matplotlib.axes import Axes
from matplotlib.figure import Figure
import numpy as np
from numpy.typing import NDArray

DASHES = (0, (4, 2))
MEASURES = {'loss': ('loss', 1), 'macro_f1': ('macro-F1 on validation windows (%)', 100)}


def cells_at(table: Table, share: float) -> list[Cell]:
    """Return the rows at a share of labels, the source too, which has all."""
    rows = dict.fromkeys(cell.row for cell in table.cells)
    return [cell for row in rows if (cell := table.cell(row, share))]


def learning(table: Table, share: float) -> Figure:
    """Draw loss, and validation macro-F1 if there is any, by step: the mean over seeds."""
    cells = cells_at(table, share)
    curves = {
        name: {
            cell.row: averaged([outcome.curve for outcome in cell.series.outcomes], name)
            for cell in cells
        }
        for name in MEASURES
    }
    shown = [name for name in MEASURES if any(len(steps) for steps, _ in curves[name].values())]
    figure, drawn = panels(max(1, len(shown)), 2.7)
    colour = colours([cell.row for cell in cells])
    for axes, name in zip(drawn, shown, strict=False):
        title, scale = MEASURES[name]
        for row, (steps, values) in curves[name].items():
            axes.plot(steps, scale * values, color=colour[row], linewidth=1.1, label=row,
                      linestyle=DASHES if is_control(row) else 'solid')
        named(axes, f'{title}, {share_text(share)}', 'step')
    legend(drawn[0])
    return figure


def averaged(
    curves: Sequence[Sequence[dict]], name: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the steps (n,) at which all curves have a value, and its mean (n,)."""
    measured = [
        {int(point['step']): float(point[name]) for point in curve if point.get(name) is not None}
        for curve in curves
    ]
    if not measured:
        return np.empty(0, np.int64), np.empty(0)
    steps = sorted(set.intersection(*map(set, measured)))
    means = [float(np.mean([of_seed[step] for of_seed in measured])) for step in steps]
    return np.array(steps, np.int64), np.array(means)


def calibration(table: Table, share: float) -> Figure:
    """Draw accuracy against score, methods on the left, controls on the right."""
    figure, (left, right) = panels(2, 3.2)
    cells = cells_at(table, share)
    colour = colours([cell.row for cell in cells])
    for axes in (left, right):
        axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8, linestyle=DASHES)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
    for cell in cells:
        _reliability(right if is_control(cell.row) else left, cell, colour[cell.row])
    named(left, f'accuracy, {share_text(share)}', 'score')
    named(right, 'the controls', 'score')
    for axes in (left, right):
        if len(axes.lines) > 1:
            legend(axes)
    return figure


def _reliability(axes: Axes, cell: Cell, colour: str) -> None:
    found = cell.series.reliability
    if found.ece is not None:
        axes.plot(found.scores, found.accuracy, 'o-', color=colour, linewidth=1.1, markersize=3,
                  markerfacecolor=face(cell.row, colour),
                  label=f'{cell.row}, ECE {found.ece:.3f}')
