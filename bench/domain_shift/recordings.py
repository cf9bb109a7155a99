# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Windows of one sensor in some bags, joined to data sets that lack the labels of some people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dcat_ros.bags.cache_entry import CachedWindows
from dcat_ros.bags.labels import Interval
from dcat_ros.bags.window_cache import cached_windows
from dcat_ros.bags.windows import InputSpec
from dcat_ros.modalities import create
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.modalities.mounting import end_for_end
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Clip, Dataset, find_bags, labels_of
from dcat_ros.training.windows import Windows
import numpy as np

BREAK = 5 * NANOSECONDS
"""A sensor may have been taken off and put on again in a longer break."""


@dataclass(frozen=True)
class Recordings:
    """Windows of one sensor, and the labelled intervals, of each bag; a bag has one subject."""

    entries: Sequence[CachedWindows]
    intervals: Sequence[Sequence[Interval]]

    def __add__(self, other: Recordings) -> Recordings:
        return Recordings([*self.entries, *other.entries], [*self.intervals, *other.intervals])

    def of(self, subjects: Collection[str]) -> Recordings:
        """Return the recordings of some subjects only."""
        kept = [number for number, entry in enumerate(self.entries) if entry.groups[0] in subjects]
        return Recordings(
            [self.entries[number] for number in kept], [self.intervals[number] for number in kept]
        )

    def unlabelled(self) -> Recordings:
        """Return the recordings as if nobody had labelled them."""
        return Recordings(self.entries, [[] for _ in self.entries])

    def upright(self) -> Recordings:
        """Return the recordings with sensors that point up the limb turned end for end."""
        return replace(self, entries=[_upright(entry) for entry in self.entries])

    def dataset(self, recipe: Config) -> Dataset:
        """Return them as a data set, with the same windows for training and for scores."""
        windows = Windows(self.entries, self.intervals, recipe.window.rate)
        clips = [Clip(each.label, each.group) for of_bag in self.intervals for each in of_bag]
        return Dataset(recipe.classes, clips, windows, windows, recipe.window.duration)


def read(folder: Path, recipe: Config, sensor: dict[str, Any], cache: Path) -> Recordings:
    """Return the recordings of a sensor in all bags below a folder.

    :param sensor: as in a recipe.
    :param cache: directory of the windows.
    :raises BagError, TrainingError: if a bag cannot be used.
    """
    recipe = replace(recipe, sensor=sensor)
    bags = find_bags([folder])
    inputs = InputSpec(create(recipe.modality, recipe.features), recipe.window, recipe.recorded)
    return Recordings(cached_windows(bags, inputs, cache), [labels_of(bag) for bag in bags])


def _upright(entry: CachedWindows) -> CachedWindows:
    """Return windows with x down the limb, judged by gravity in each stretch without a break."""
    inputs = np.array(entry.inputs)
    for rows in np.split(np.arange(len(entry)), np.flatnonzero(np.diff(entry.starts) > BREAK) + 1):
        if inputs[rows, :, 0].mean() > 0:
            inputs[rows] = end_for_end(inputs[rows])
    turned = copy(entry)
    turned.inputs = inputs
    return turned
