# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's tables: rows at shares of labels, and how they compare."""

from __future__ import annotations

from dataclasses import dataclass

from dcat_ros.evaluation.protocol import Direction
from dcat_ros.evaluation.rows import is_method, SOURCE
from dcat_ros.evaluation.scores_by_seed import Series
from dcat_ros.evaluation.statistics import (
    Correlation,
    correlation,
    Estimate,
    Paired,
    SIGNIFICANT,
)


@dataclass(frozen=True)
class Comparison:
    """A row less another one, on the seeds that both have.

    :param seeds: those.
    :param difference: of macro-F1, tested over seeds.
    :param p: of that test, Holm-corrected within the table; None for a single seed.
    :param clips: 95 % interval of the difference by the bootstrap over test clips.
    """

    seeds: list[int]
    difference: Paired
    p: float | None
    clips: tuple[float, float]

    @property
    def sign(self) -> int:
        """1 for better, -1 for worse, 0 where not both the test and the bootstrap show it."""
        low, high = self.clips
        if self.p is None or self.p >= SIGNIFICANT or low <= 0 <= high:
            return 0
        return 1 if self.difference.mean > 0 else -1


@dataclass(frozen=True)
class Cell:
    """One row at one share of labels.

    :param unimodal: against the target alone, with as many labels; None where there is no such.
    :param control: against the row's own control.
    """

    row: str
    labelled: float
    series: Series
    macro_f1: Estimate
    unimodal: Comparison | None = None
    control: Comparison | None = None


@dataclass(frozen=True)
class Point:
    """One seed of a method: how far its source had overfitted, and what the method gained."""

    row: str
    labelled: float
    seed: int
    overfit: float
    gain: float


@dataclass(frozen=True)
class Table:
    """All rows of one direction and split.

    :param classes: of the target.
    :param cells: by share of labels as in the study, within it by row; those without seeds left
        out.
    :param points: of all methods, a seed and share each.
    """

    direction: Direction
    split: str
    classes: list[str]
    cells: list[Cell]
    points: list[Point]

    def cell(self, row: str, labelled: float) -> Cell | None:
        """Return a cell, None where there is none."""
        wanted = (row, 1.0 if row == SOURCE else labelled)
        return next((each for each in self.cells if (each.row, each.labelled) == wanted), None)

    def best(self, share: float) -> Cell | None:
        """Return the method with the highest mean at a share of labels, None where none is."""
        methods = [each for each in self.cells if is_method(each.row) and each.labelled == share]
        return max(methods, key=lambda cell: cell.macro_f1.mean, default=None)

    @property
    def shares(self) -> list[float]:
        """Return the shares of labels, falling."""
        found = {cell.labelled for cell in self.cells if cell.row != SOURCE}
        return sorted(found, reverse=True)

    @property
    def overfit(self) -> Correlation:
        """How the source's overfitting and the gains go together."""
        return correlation([p.overfit for p in self.points], [p.gain for p in self.points])
