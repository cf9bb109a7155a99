# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a method gains over its control, by how far the target is overfitted.

The limit that the paper names (arXiv 2509.09747): transfer fails if the target is overfitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import isnan

from dcat_ros.evaluation.plan import control_of, is_method, UNIMODAL
from dcat_ros.evaluation.protocol import Direction
from dcat_ros.evaluation.results import Cell, Comparison, Results, Table
from dcat_ros.evaluation.statistics import Estimate, estimate, paired, PairedDifference
from dcat_ros.evaluation.sweep import Variant
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Point:
    """A method with one variant of a target.

    :param alone: the variant without source.
    :param cell: the method.
    :param control: its control.
    :param gain: the method less its control.
    """

    variant: Variant
    alone: Cell
    cell: Cell
    control: Cell
    gain: Comparison

    @property
    def overfit(self) -> Estimate:
        """Macro-F1 of the target alone in training less that in test.

        Not that of the method, whose test score is part of the gain too, so that the two would be
        related by chance alone.
        """
        return estimate(self.alone.series.overfit)

    @property
    def validated(self) -> float:
        """Macro-F1 of the method on the validation subjects, 0 to 1; nan without any."""
        return self.cell.series.outcomes[0].chosen.get('macro_f1', float('nan'))


@dataclass(frozen=True)
class Curve:
    """A method at one share of labels, over the variants of its target.

    :param direction: with the target's own recipe.
    :param points: at least one.
    """

    direction: Direction
    split: str
    method: str
    labelled: float
    points: list[Point]

    @property
    def networks(self) -> list[str]:
        """Return the variants without their epochs, each once."""
        return list(dict.fromkeys(point.variant.network for point in self.points))

    def of(self, network: str) -> list[Point]:
        """Return the points of a network, epochs rising."""
        return [point for point in self.points if point.variant.network == network]

    @property
    def recipe(self) -> Point | None:
        """Return the point of the recipe as it is, None if it is not among the variants."""
        return next((point for point in self.points if point.variant == Variant()), None)

    @property
    def chosen(self) -> Point | None:
        """Return the variant that does best on the validation subjects, None without any.

        Its test scores have no part in the choice.
        """
        known = [point for point in self.points if not isnan(point.validated)]
        return max(known, key=lambda point: point.validated, default=None)

    @property
    def most_gain(self) -> Point:
        """Return the variant with the largest gain in test, which only hindsight knows."""
        return max(self.points, key=lambda point: point.gain.difference.mean)

    @property
    def best(self) -> Point:
        """Return the variant with the highest macro-F1 in test, which only hindsight knows."""
        return max(self.points, key=lambda point: point.cell.macro_f1.mean)

    @property
    def recovered(self) -> float | None:
        """Return the gain of the chosen variant as a share of the largest one.

        None if nothing was chosen, or no variant gains.
        """
        chosen, most = self.chosen, self.most_gain.gain.difference.mean
        return chosen.gain.difference.mean / most if chosen and most > 0 else None

    @cached_property
    def slope(self) -> PairedDifference | None:
        """Return the change of the gain for each unit of overfitting, tested over seeds.

        It is the slope of a line through the variants of one seed. Seeds are independent of each
        other, variants of one seed are not. Seeds that lack a variant do not count; None if no
        seed is left, or there are fewer than three variants.
        """
        slopes = []
        for seed in sorted(set.intersection(*(_seeds(point) for point in self.points))):
            pairs = np.array([_at(point, seed) for point in self.points])
            if len(pairs) > 2 and np.ptp(pairs[:, 0]):
                slopes.append(float(np.polyfit(pairs[:, 0], pairs[:, 1], 1)[0]))
        return paired(slopes, [0.0] * len(slopes)) if slopes else None


def curves_of(results: Results) -> list[Curve]:
    """Return the curves of a study with variants of targets, none of another study."""
    variants = results.inputs.variants
    groups: dict[tuple[Direction, str, str, float], list[Point]] = {}
    for table in results.tables:
        if table.direction.target not in variants:
            continue
        target, variant = variants[table.direction.target]
        direction = Direction(table.direction.source, target)
        for row, share in dict.fromkeys((cell.row, cell.labelled) for cell in table.cells):
            if is_method(row) and (point := _point(table, variant, row, share)):
                groups.setdefault((direction, table.split, row, share), []).append(point)
    return [Curve(*key, points) for key, points in groups.items()]


def _point(table: Table, variant: Variant, row: str, share: float) -> Point | None:
    alone, cell, control = (
        table.cell(name, share) for name in (UNIMODAL, row, control_of(row))
    )
    if not (alone and cell and control and cell.control):
        return None
    return Point(variant, alone, cell, control, cell.control)


def _seeds(point: Point) -> set[int]:
    """Return the seeds that method, control and unimodal model have."""
    return {*point.gain.seeds} & {*point.alone.series.seeds}


def _at(point: Point, seed: int) -> tuple[float, float]:
    """Return overfitting and gain of a seed that the point has."""
    return _value(point.alone, point.alone.series.overfit, seed), (
        _value(point.cell, point.cell.series.macro_f1, seed)
        - _value(point.control, point.control.series.macro_f1, seed)
    )


def _value(cell: Cell, values: NDArray[np.float64], seed: int) -> float:
    return float(values[cell.series.seeds.index(seed)])
