# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a model says of movement that it does not know: a part of its manifest and its card."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from dcat_ros.evaluation.statistics import Estimate
from dcat_ros.training.calibrate import Promise
import numpy as np

ROWS = {
    'known_named': 'windows of known activities: named',
    'known_right': 'of those named: right',
    'strangers_named_wrongly': "strangers' everyday movement: named wrongly",
    'smooth_named': 'generated smooth random movement: named',
    'rest_named': 'generated rest, in any position: named',
    'recombined_named': 'arms of different activities: named',
    'remounted_named': 'known activities with the sensor mounted the wrong way round: named',
    'misreported_named': 'known activities as a wrong driver reports them: named',
}
"""Measures that are shares of windows."""


@dataclass(frozen=True)
class OpenSet:
    """What the protocol's networks say of known and of unknown movement, by people left out.

    :param promise: of the threshold, made on the training subjects.
    :param measures: see :meth:`dcat_ros.evaluation.open_set.OpenSetWindows.measures`, of each
        seed.
    :param right: share of right answers among the named windows, mean over the people.
    :param left_out: see :func:`dcat_ros.evaluation.open_set.classes_left_out`.
    """

    promise: Promise
    measures: list[dict[str, float]]
    right: Estimate
    left_out: dict[str, float]

    @property
    def record(self) -> dict[str, Any]:
        """Return the manifest's entry: means over the seeds."""
        means = {
            name: float(np.mean([seed[name] for seed in self.measures]))
            for name in self.measures[0]
        }
        return {'promise': asdict(self.promise), **means, **self.left_out}

    @property
    def table(self) -> list[list[str]]:
        """Return the card's rows: what, and the mean and standard deviation over the seeds."""
        rows = []
        for name, text in ROWS.items():
            if name in self.measures[0]:
                values = 100 * np.array([seed[name] for seed in self.measures])
                spread = f' ± {values.std(ddof=1):.1f}' if len(values) > 1 else ''
                rows.append([text, f'{values.mean():.1f}{spread} %'])
        if 'strangers_auroc' in self.measures[0]:
            values = np.array([seed['strangers_auroc'] for seed in self.measures])
            rows.append(["known activities against strangers' movement: AUROC",
                         f'{values.mean():.3f}'])
        if self.left_out:
            rows += [
                ['every third class left out in turn, seed 0: AUROC',
                 f'{self.left_out["left_out_auroc"]:.3f}'],
                ['the same: named, where 90 % of the known windows are',
                 f'{100 * self.left_out["left_out_named"]:.1f} %'],
            ]
        return rows
