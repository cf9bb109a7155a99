# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recorded movement that is none of the classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
import os
from pathlib import Path

from dcat_ros.bags.labels import Interval
from dcat_ros.bags.reader import BagError
from dcat_ros.bags.window_cache import cached_windows
from dcat_ros.bags.windows import InputSpec
from dcat_ros.modalities import create
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.share import share_directory
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import find_bags, labels_of, ordered
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.progress import Reporter
from dcat_ros.training.windows import Windows
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RecordedNegatives:
    """The windows of the bags that ``negatives.bags`` of a recipe names.

    :param dense: to train on.
    :param live: as the inference node cuts them.
    :param labels: of each live window, what the person does during it.
    :param tested: subjects held back for the open-set table.
    """

    dense: Windows
    live: Windows
    labels: list[frozenset[str]]
    tested: list[str]

    @property
    def subjects(self) -> list[str]:
        """Return all subjects, sorted."""
        return ordered(self.live.subjects.tolist())

    @property
    def trained(self) -> list[str]:
        """Return the subjects that are not held back."""
        return [subject for subject in self.subjects if subject not in self.tested]

    def rows(self, subjects: Iterable[str]) -> NDArray[np.int64]:
        """Return the training windows of some subjects."""
        return np.flatnonzero(np.isin(self.dense.subjects, list(subjects)))


def negative_bags(config: Config) -> list[Path]:
    """Return the bags of a recipe's negatives.

    :raises TrainingError: if there is no such set or directory.
    """
    sets = share_directory() / 'resource' / 'negatives'
    directories = []
    for name in config.negatives.bags:
        path = Path(name).expanduser() if os.sep in name else sets / name
        if not path.is_dir():
            shipped = ', '.join(sorted(each.name for each in sets.glob('*/'))) or 'none'
            raise TrainingError(
                f'negatives.bags names "{name}", which is no directory; the shipped sets are '
                f'{shipped}, and a path must contain a "{os.sep}"'
            )
        directories.append(path)
    return find_bags(directories) if directories else []


def load_negatives(config: Config, cache: Path, reporter: Reporter) -> RecordedNegatives | None:
    """Return the recorded negatives of a recipe, None if it names no bags.

    :param cache: directory of the windows, see
        :func:`dcat_ros.bags.window_cache.cached_windows`.
    :raises TrainingError: if a bag cannot be used.
    """
    bags = negative_bags(config)
    if not bags:
        return None
    modality = create(config.modality, config.features)
    intervals = [labels_of(bag) for bag in bags]
    dense = replace(config.window, stride=config.sampling.dense_stride)
    try:
        with reporter.stage('reading negatives', 2 * len(bags)) as stage:
            found = [
                Windows(
                    cached_windows(
                        bags, InputSpec(modality, spec), cache, labelled=False,
                        advance=lambda bag: stage.advance(),
                    ),
                    intervals,
                    spec.rate,
                )
                for spec in (dense, config.window)
            ]
    except BagError as error:
        raise TrainingError(str(error)) from error
    live = found[1]
    span = round(config.window.duration * NANOSECONDS)
    labels = [
        overlapping(intervals[bag], centre - span // 2, centre + span // 2)
        for bag, centre in zip(live.bags.tolist(), live.centres.tolist(), strict=True)
    ]
    negatives = RecordedNegatives(found[0], live, labels, [])
    return replace(negatives, tested=config.negatives.tested(negatives.subjects))


def overlapping(intervals: Sequence[Interval], start: int, end: int) -> frozenset[str]:
    """Return the labels of the intervals that overlap a time span, in ns."""
    return frozenset(
        interval.label for interval in intervals if interval.start < end and interval.end > start
    )
