# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Figures of scores: by share of labels, by class, confusions, and against overfitting."""

from __future__ import annotations

from collections.abc import Sequence

from dcat_ros.evaluation.plan import control_of, is_control, is_method, SOURCE, UNIMODAL
from dcat_ros.evaluation.report.axes import (
    BOTTOM,
    colours,
    EDGE,
    face,
    legend_beside,
    named,
    panels,
    plain,
    TINY,
    TOP,
)
from dcat_ros.evaluation.results import Cell, Table
from dcat_ros.evaluation.trial import share_text
from dcat_ros.reports.figures import FAINT, GRID, INK, WIDTH
from matplotlib.axes import Axes
from matplotlib.figure import Figure
import numpy as np

SPREAD = 0.7  # of the distance from one share to the next
NAMES, BELOW, KEY, CLASS_ROW = 1.3, 1.0, 1.75, 0.16  # in
MARKER = 4.5


def scores(table: Table) -> Figure:
    """Draw each row's macro-F1 against the share of labels: mean, interval, and every seed."""
    figure, (axes,) = panels(1, 3.2)
    axes.set_position((EDGE / WIDTH, 0.14, (WIDTH - EDGE - KEY) / WIDTH, 0.8))
    rows = list(dict.fromkeys(cell.row for cell in table.cells))
    colour = colours(rows)
    shares = table.shares[::-1]
    moving = [row for row in rows if row != SOURCE]
    for place, row in enumerate(moving):
        shift = SPREAD * ((place + 0.5) / len(moving) - 0.5)
        label = row
        for x, share in enumerate(shares):
            if cell := table.cell(row, share):
                _column(axes, cell, x + shift, colour[row], label)
                label = ''
    if source := table.cell(SOURCE, 1.0):
        axes.axhline(100 * source.macro_f1.mean, color=colour[SOURCE], linewidth=1.0,
                     linestyle=(0, (4, 3)), label='source, all labels')
    axes.set_xticks(range(len(shares)), [share_text(share) for share in shares])
    axes.set_xlim(-0.5, len(shares) - 0.5)
    named(axes, '', y='macro-F1 (%)')
    legend_beside(axes)
    return figure


def _column(axes: Axes, cell: Cell, x: float, colour: str, label: str) -> None:
    values = 100 * cell.series.macro_f1
    axes.scatter([x] * len(values), values, s=5, color=colour, alpha=0.35, linewidth=0)
    found = cell.macro_f1
    if found.low is not None and found.high is not None:
        axes.plot([x, x], [100 * found.low, 100 * found.high], color=colour, linewidth=1.2,
                  zorder=2)
    axes.plot(x, 100 * found.mean, 'o', markersize=MARKER, markeredgecolor=colour,
              markerfacecolor='white' if is_control(cell.row) else colour, label=label or None,
              linestyle='none')


def gains(table: Table, share: float) -> Figure:
    """Draw the gain of each method and control over unimodal by class, in mean F1 over seeds."""
    alone = table.cell(UNIMODAL, share)
    methods = [cell for cell in table.cells if is_method(cell.row) and cell.labelled == share]
    best = table.best(share)
    height = CLASS_ROW * len(table.classes) + BOTTOM + TOP
    figure, (axes,) = panels(1, height)
    axes.set_position((
        NAMES / WIDTH, BOTTOM / height, (WIDTH - NAMES - KEY) / WIDTH, 1 - (BOTTOM + TOP) / height
    ))
    if alone is None or best is None:
        return figure
    colour = colours([cell.row for cell in table.cells])
    base = alone.series.f1.mean(axis=0)
    order = np.argsort(best.series.f1.mean(axis=0) - base, kind='stable')
    for cell in methods:
        for row in (control_of(cell.row), cell.row):
            if shown := table.cell(row, share):
                gain = 100 * (shown.series.f1.mean(axis=0) - base)[order]
                axes.plot(gain, range(len(gain)), 'o', markersize=MARKER, label=row,
                          markeredgecolor=colour[row], markeredgewidth=0.8,
                          markerfacecolor=face(row, colour[row]), linestyle='none')
    axes.axvline(0, color=FAINT, linewidth=0.8)
    axes.set_yticks(range(len(order)), [table.classes[place] for place in order])
    axes.set_ylim(-0.7, len(order) - 0.3)
    axes.tick_params(axis='y', labelcolor=INK)
    named(axes, '', f'F1 minus that of unimodal (points), {share_text(share)}')
    legend_beside(axes)
    return figure


def confusion(table: Table, cells: Sequence[Cell]) -> Figure:
    """Draw confusion matrices, one panel for each of some rows."""
    count = len(table.classes)
    side = (WIDTH - 0.15 - 2 * NAMES) / 2
    height = side + BELOW + TOP
    figure = Figure(figsize=(WIDTH, height))
    size = min(TINY, 72 * 0.9 * side / count)
    for place, cell in enumerate(cells):
        left = NAMES + place * (side + NAMES)
        axes = figure.add_axes((left / WIDTH, BELOW / height, side / WIDTH, side / height))
        plain(axes)
        axes.grid(visible=False)
        counts = cell.series.confusion
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares[:, :count], cmap='Blues', vmin=0, vmax=1, interpolation='nearest')
        axes.set_xticks(range(count), table.classes, rotation=90)
        axes.set_yticks(range(count), table.classes)
        axes.tick_params(labelsize=size, pad=1, labelcolor=INK)
        named(axes, f'{cell.row}, {share_text(cell.labelled)}')
    return figure


def overfit(table: Table) -> Figure:
    """Draw the methods' gains against the overfitting of their source, a point a seed."""
    figure, (axes,) = panels(1, 3.0)
    axes.set_position((EDGE / WIDTH, 0.16, (WIDTH - EDGE - KEY) / WIDTH, 0.78))
    points = table.points
    rows = list(dict.fromkeys(points['row']))
    colour = colours(rows)
    marks = dict(zip(table.shares, 'o^sDvP<>', strict=False))
    for row in rows:
        for share in table.shares:
            found = points[(points['row'] == row) & (points['labelled'] == share)]
            axes.scatter(100 * found['overfit'], 100 * found['gain'], s=16,
                         marker=marks.get(share, 'o'), color=colour[row], linewidth=0,
                         label=f'{row}, {share_text(share)}')
    axes.axhline(0, color=FAINT, linewidth=0.8)
    axes.grid(axis='x', color=GRID, linewidth=0.6)
    named(axes, '', 'source: macro-F1 in training minus in test (points)',
          'gain over unimodal (points)')
    legend_beside(axes)
    return figure
