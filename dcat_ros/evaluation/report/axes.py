# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Axes and colours that a study's figures share."""

from __future__ import annotations

from collections.abc import Sequence

from dcat_ros.evaluation.plan import is_control, is_method, method_of, SOURCE, UNIMODAL
from dcat_ros.reports.figures import FAINT, GRID, INK, WIDTH
from matplotlib.axes import Axes
from matplotlib.figure import Figure

METHODS = ('#2b6cb0', '#c05621', '#2f855a', '#b83280', '#8e5aa8', '#7b6b1d')
FIXED = {UNIMODAL: INK, SOURCE: '#9aa1a8'}
SMALL, TINY = 8, 7  # pt
EDGE, RIGHT, BOTTOM, TOP = 0.5, 0.1, 0.45, 0.3  # in


def colours(rows: Sequence[str]) -> dict[str, str]:
    """Return a colour for each row, the same for a method and its control."""
    methods = [row for row in rows if is_method(row)]
    of_method = {row: METHODS[place % len(METHODS)] for place, row in enumerate(methods)}
    return {row: FIXED.get(row) or of_method[method_of(row)] for row in rows}


def face(row: str, colour: str) -> str:
    """Return the fill colour of a row's marks, 'none' for a control."""
    return 'none' if is_control(row) else colour


def panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    """Return a figure of panels side by side, `height` in high."""
    figure = Figure(figsize=(WIDTH, height))
    each = (WIDTH - RIGHT) / count - EDGE
    made = []
    for place in range(count):
        start = EDGE + place * (each + EDGE)
        axes = figure.add_axes((
            start / WIDTH, BOTTOM / height, each / WIDTH, (height - BOTTOM - TOP) / height
        ))
        plain(axes)
        made.append(axes)
    return figure, made


def plain(axes: Axes) -> None:
    """Remove lines that show no data."""
    axes.spines[['top', 'right', 'left']].set_visible(False)
    axes.spines['bottom'].set_color(GRID)
    axes.tick_params(length=0, labelsize=TINY, colors=FAINT)
    axes.grid(axis='y', color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)


def named(axes: Axes, title: str, x: str = '', y: str = '') -> None:
    """Set the titles of a panel and its axes."""
    axes.set_title(title, fontsize=SMALL, color=INK, loc='left', parse_math=False)
    axes.set_xlabel(x, fontsize=TINY, color=FAINT)
    axes.set_ylabel(y, fontsize=TINY, color=FAINT)


def legend(axes: Axes) -> None:
    """Add a legend where it hides no marks."""
    if not axes.get_legend_handles_labels()[0]:
        return
    axes.legend(fontsize=TINY, frameon=False, labelcolor=INK, loc='best')


def legend_beside(axes: Axes) -> None:
    """Add a legend to the right of the panel."""
    axes.legend(fontsize=TINY, frameon=False, labelcolor=INK, loc='upper left',
                bbox_to_anchor=(1.01, 1.02))
