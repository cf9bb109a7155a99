# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a batch is drawn from: one clip counts once in a pass, however long it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.windows import OUTSIDE
import numpy as np
from numpy.typing import NDArray

UNLABELLED = -1
"""The class of what nobody has named."""


@dataclass(frozen=True)
class SamplingUnits:
    """Clips and unlabelled stretches.

    :param rows: training windows of each, never none.
    :param targets: the class of each, `UNLABELLED` for none.
    """

    rows: Sequence[NDArray[np.int64]]
    targets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def all_rows(self) -> NDArray[np.int64]:
        """Return the training windows of all of them."""
        return np.concatenate(self.rows) if len(self.rows) else np.empty(0, np.int64)

    @property
    def labelled(self) -> SamplingUnits:
        """Those with a class."""
        return self._of(self.targets != UNLABELLED)

    @property
    def unlabelled(self) -> SamplingUnits:
        """Those without."""
        return self._of(self.targets == UNLABELLED)

    def _of(self, chosen: NDArray[np.bool_]) -> SamplingUnits:
        numbers = np.flatnonzero(chosen).tolist()
        return SamplingUnits([self.rows[number] for number in numbers], self.targets[numbers])


def sampling_units(
    data: Dataset, clips: Sequence[int], hidden: Iterable[int] = (), subjects: Iterable[str] = ()
) -> SamplingUnits:
    """Return what there is to train on.

    :param clips: with their labels.
    :param hidden: clips whose labels nobody is to know.
    :param subjects: whose windows outside of all clips are used; so much time as a model's
        window lasts twice is one unit.
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
