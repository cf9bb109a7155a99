# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The units that batches are drawn from: each clip once in a pass, however long it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.windows import OUTSIDE
import numpy as np
from numpy.typing import NDArray

UNLABELLED = -1
"""The class of a unit without a label."""


@dataclass(frozen=True)
class SamplingUnits:
    """Clips and unlabelled stretches.

    :param rows: training windows of each, at least one.
    :param targets: the class of each, `UNLABELLED` for none.
    """

    rows: Sequence[NDArray[np.int64]]
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def all_rows(self) -> NDArray[np.int64]:
        """Return the training windows of all units."""
        return np.concatenate(self.rows) if len(self.rows) else np.empty(0, np.int64)

    @property
    def labelled(self) -> SamplingUnits:
        """Return the units with a class."""
        return self._of(self.targets != UNLABELLED)

    @property
    def unlabelled(self) -> SamplingUnits:
        """Return the units without a class."""
        return self._of(self.targets == UNLABELLED)

    def _of(self, chosen: NDArray[np.bool_]) -> SamplingUnits:
        numbers = np.flatnonzero(chosen).tolist()
        return SamplingUnits([self.rows[number] for number in numbers], self.targets[numbers])


def sampling_units(
    data: Dataset, clips: Sequence[int], hidden: Iterable[int] = (), subjects: Iterable[str] = ()
) -> SamplingUnits:
    """Return the units to train on.

    :param clips: used with their labels.
    :param hidden: clips used without their labels.
    :param subjects: their windows outside of all clips are used; one unit is as long as two
        windows of the model.
    """
    targets = data.targets
    windows = data.dense
    hidden = list(hidden)
    rows, found = [], []
    known = [*targets[list(clips)], *[UNLABELLED] * len(hidden)]
    for of_clip, target in zip(windows.of_each([*clips, *hidden]), known, strict=True):
        if len(of_clip):
            rows.append(of_clip)
            found.append(int(target))
    outside = np.flatnonzero(
        (windows.clips == OUTSIDE) & np.isin(windows.subjects, list(subjects))
    )
    period = round(2 * data.duration * NANOSECONDS)
    stretch = np.stack([windows.bags[outside], windows.centres[outside] // period], axis=1)
    _, number = np.unique(stretch, axis=0, return_inverse=True)
    if len(outside):
        order = np.argsort(number, kind='stable')
        parts = np.split(outside[order], np.flatnonzero(np.diff(number[order])) + 1)
        rows += parts
        found += [UNLABELLED] * len(parts)
    return SamplingUnits(rows, np.array(found, np.int64))
