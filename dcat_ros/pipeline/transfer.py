# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the sources of a model contributed: a part of its manifest and of its card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dcat_ros.evaluation.plan import control_of, UNIMODAL
from dcat_ros.evaluation.results import Table
from dcat_ros.pipeline.job import Job


@dataclass(frozen=True)
class Baseline:
    """Another row of the study, on the same test clips and seeds.

    :param name: of the row.
    :param macro_f1: of the row, one value a seed.
    :param mean: the method's mean macro-F1 less the row's.
    :param low: lower end of the difference's 95 % interval; None for a single seed.
    :param high: upper end.
    :param p: of a paired t-test over seeds; None for a single seed.
    """

    name: str
    macro_f1: list[float]
    mean: float
    low: float | None
    high: float | None
    p: float | None


@dataclass(frozen=True)
class Transfer:
    """The sources of a model, the method, and the gain.

    :param sources: weight by recipe.
    :param weight: λ.
    :param windows: number of training windows of each kind.
    """

    method: str
    sources: Mapping[str, float]
    pairing: str
    weight: float
    windows: Mapping[str, int]
    comparisons: list[Baseline]

    @property
    def record(self) -> dict[str, Any]:
        """Return the manifest's entry."""
        return asdict(self)


def transfer_of(job: Job, table: Table, weight: float, windows: Mapping[str, int]) -> Transfer:
    """Return how the method of a job compares with its baselines.

    :param table: the scores of all rows.
    :param weight: λ.
    :param windows: number of training windows of each kind.
    """
    cell = table.cell(job.method, 1.0)
    assert cell is not None
    baselines = []
    for row, comparison in ((UNIMODAL, cell.unimodal), (control_of(job.method), cell.control)):
        other = table.cell(row, 1.0)
        if comparison is not None and other is not None:
            difference = asdict(comparison.difference).values()
            baselines.append(Baseline(row, other.series.macro_f1.tolist(), *difference))
    sources = {source.recipe.name: source.weight for source in job.sources}
    return Transfer(job.method, sources, job.pairing, weight, windows, baselines)
