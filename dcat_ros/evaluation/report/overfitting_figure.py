# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The figure of an overfitted target: gain over the control, and overfitting, by epochs."""

from __future__ import annotations

from collections.abc import Sequence

from dcat_ros.evaluation.overfitting import Curve, Point
from dcat_ros.evaluation.report.axes import EDGE, legend_beside, METHODS, named, panels
from dcat_ros.evaluation.statistics import Estimate
from dcat_ros.reports.figures import FAINT, INK, WIDTH
from matplotlib.axes import Axes
from matplotlib.figure import Figure
import numpy as np

HEIGHT, KEY = 3.2, 1.9  # in
APART = 0.06  # shift of a line from the next one, as a share of its epochs
MARKS = 'os^Dv<>P'
RING = 11  # pt


def gain_by_epochs(curve: Curve) -> Figure:
    """Draw gain and overfitting against epochs, a line for each network: mean and interval.

    A network without regularisation has hollow marks. A ring is around the variant that was
    chosen on validation subjects.
    """
    figure, (left, right) = panels(2, HEIGHT)
    each = (WIDTH - 2 * EDGE - KEY) / 2
    for place, axes in enumerate((left, right)):
        _, bottom, _, height = axes.get_position().bounds
        axes.set_position((
            (EDGE + place * (each + EDGE)) / WIDTH, bottom, each / WIDTH, height
        ))
        axes.set_xscale('log', base=2)
        ticks = sorted({point.variant.epochs for point in curve.points})
        axes.set_xticks(ticks, [f'× {tick:g}' for tick in ticks])
        axes.minorticks_off()
        axes.axhline(0, color=FAINT, linewidth=0.8)
    widths = list(dict.fromkeys(point.variant.width for point in curve.points))
    for place, network in enumerate(curve.networks):
        points = curve.of(network)
        shift = (1 + APART) ** (place - (len(curve.networks) - 1) / 2)
        number = widths.index(points[0].variant.width)
        style = {
            'color': METHODS[number % len(METHODS)],
            'marker': MARKS[number % len(MARKS)],
            'markerfacecolor': None if points[0].variant.regularised else 'white',
            'label': network,
        }
        _line(left, points, [point.gain.difference for point in points], shift, style)
        _line(right, points, [point.overfit for point in points], shift, style)
        if curve.chosen in points:
            left.plot(curve.chosen.variant.epochs * shift, 100 * curve.chosen.gain.difference.mean,
                      'o', markersize=RING, markerfacecolor='none', markeredgecolor=INK,
                      markeredgewidth=0.9)
    named(left, f'{curve.method} less its control (points)', 'epochs of the recipe')
    named(right, 'target alone: training less test (points)', 'epochs of the recipe')
    legend_beside(right)
    return figure


def _line(
    axes: Axes, points: Sequence[Point], values: Sequence[Estimate], shift: float, style: dict
) -> None:
    epochs = np.array([point.variant.epochs for point in points]) * shift
    axes.plot(epochs, [100 * value.mean for value in values], linewidth=1.1, markersize=4.5,
              **style)
    for x, value in zip(epochs, values, strict=True):
        if value.low is not None and value.high is not None:
            axes.plot([x, x], [100 * value.low, 100 * value.high], color=style['color'],
                      linewidth=0.9, alpha=0.6)
