# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Data sets: bags of one sensor as labelled clips and windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from dcat_ros.bags.labels import Interval
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.window_cache import cached_windows
from dcat_ros.bags.windows import InputSpec
from dcat_ros.modalities import create
from dcat_ros.training.config import Config
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.progress import Reporter
from dcat_ros.training.windows import Windows
import numpy as np
from numpy.typing import NDArray


class Clip(NamedTuple):
    """One labelled interval of a bag; clips of one ``subject`` must stay together."""

    label: str
    subject: str


@dataclass(frozen=True)
class Dataset:
    """The clips and windows of one sensor in some bags.

    :param classes: labels in the order of the model's output.
    :param clips: the labelled intervals, including labels that are not learned.
    :param dense: windows to train on, including those outside of clips.
    :param live: windows within clips, cut exactly as by the inference node.
    :param duration: of a window, s.
    """

    classes: list[str]
    clips: list[Clip]
    dense: Windows
    live: Windows
    duration: float

    @property
    def targets(self) -> NDArray[np.int64]:
        """Return the number of each clip's class, -1 for none."""
        known = {label: number for number, label in enumerate(self.classes)}
        return np.array([known.get(clip.label, -1) for clip in self.clips], np.int64)

    @property
    def subjects(self) -> list[str]:
        """Return the subjects of labelled clips, sorted, numbers by value."""
        return ordered(clip.subject for clip in self.clips if clip.label in self.classes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of one model input."""
        return self.live.shape

    def clips_of(self, subjects: Iterable[str]) -> list[int]:
        """Return the numbers of the subjects' clips with a class.

        :raises TrainingError: if a subject has none, or a class has none.
        """
        wanted = list(subjects)
        for subject in wanted:
            if subject not in self.subjects:
                raise TrainingError(
                    f'subject "{subject}" has no clip in the bags; there are '
                    f'{", ".join(self.subjects)}'
                )
        targets = self.targets
        chosen = [
            number for number, clip in enumerate(self.clips)
            if clip.subject in wanted and targets[number] >= 0
        ]
        lacking = set(self.classes) - {self.clips[number].label for number in chosen}
        if lacking:
            raise TrainingError(
                f'class "{min(lacking)}" has no clip of subject {", ".join(wanted)}: record it, '
                'or list the classes to learn under classes'
            )
        return chosen

    def has_all_classes(self, subjects: Iterable[str]) -> bool:
        """Tell whether each class has a clip of one of the subjects."""
        wanted = set(subjects)
        return set(self.classes) <= {clip.label for clip in self.clips if clip.subject in wanted}

    def without_window(self, clips: Iterable[int]) -> int:
        """Return how many of some clips are too short for a live window."""
        return len(set(clips) - set(self.live.clips.tolist()))


def find_bags(directories: Sequence[Path]) -> list[Path]:
    """Return the bags among the directories and directly below them, sorted by name.

    :raises TrainingError: if a directory has none, or two bags have the same name.
    """
    bags = []
    for directory in directories:
        below = [directory] if (directory / 'metadata.yaml').exists() else sorted(
            path.parent for path in directory.glob('*/metadata.yaml')
        )
        if not below:
            raise TrainingError(f'{directory} is no rosbag2 bag and holds none: check --bags')
        bags += below
    by_name = {path.resolve().name: path for path in bags}
    if len(by_name) < len(bags):
        raise TrainingError('two bags have the same name, which must be unique: check --bags')
    return [by_name[name] for name in sorted(by_name)]


def ordered(subjects: Iterable[str]) -> list[str]:
    """Return distinct subjects, sorted, numbers by value."""
    return sorted(set(subjects), key=lambda name: (not name.isdigit(), len(name), name))


def load(
    bags: Sequence[Path],
    config: Config,
    cache: Path,
    reporter: Reporter,
    same: Mapping[str, str] = MappingProxyType({}),
) -> Dataset:
    """Return the data set of some bags, from the cache as far as possible.

    :param cache: directory of the windows, see
        :func:`dcat_ros.bags.window_cache.cached_windows`.
    :param same: label to use, by the label in the bags.
    :raises TrainingError: if a bag cannot be used, there are fewer than two classes, or no clip
        is as long as a window.
    """
    try:
        modality = create(config.modality, config.features)
    except (TypeError, ValueError) as error:
        raise TrainingError(str(error)) from error
    intervals = [labels_of(bag) for bag in bags]
    clips = [
        Clip(same.get(interval.label, interval.label), interval.group)
        for of_bag in intervals for interval in of_bag
    ]
    classes = config.classes or sorted({clip.label for clip in clips})
    for label in classes:
        if label not in {clip.label for clip in clips}:
            raise TrainingError(f'class "{label}" has no clip in the bags')
    if len(classes) < 2:
        raise TrainingError(f'the bags hold one class only, {classes}: record another activity')
    dense = replace(config.window, stride=config.sampling.dense_stride)
    try:
        with reporter.stage(f'reading {config.modality}', 2 * len(bags)) as stage:
            found = [
                Windows(
                    cached_windows(
                        bags, InputSpec(modality, spec, config.recorded), cache, labelled=labelled,
                        advance=lambda bag: stage.advance(),
                    ),
                    intervals,
                    spec.rate,
                )
                for spec, labelled in ((dense, False), (config.window, True))
            ]
        refuse_distrusted(found[0], config.modality, reporter)
    except BagError as error:
        raise TrainingError(str(error)) from error
    data = Dataset(classes, clips, found[0], found[1], config.window.duration)
    if not len(data.live) or not len(data.dense.of(range(len(clips)))):
        raise TrainingError(
            f'no labelled clip is as long as a window of {config.window.duration} s: lower '
            'window.duration, or record longer clips'
        )
    return data


def refuse_distrusted(windows: Windows, modality: str, reporter: Reporter) -> None:
    """Refuse bags whose sensor is not what its modality expects; report windows left out.

    :param windows: all of the bags, labelled or not.
    :raises TrainingError: if that is so for half of a bag's windows or more.
    """
    for entry in windows.entries:
        if not entry.distrusted:
            continue
        if entry.distrusted >= len(entry):
            raise TrainingError(
                f'{entry.bag} is not fit for training, {modality}: {entry.problem} (in a recipe: '
                f'under sensor, without "{modality}.")'
            )
        reporter.say(
            f'{entry.bag}: {entry.distrusted} windows of {modality} are left out: {entry.problem}'
        )


def labels_of(bag: Path) -> list[Interval]:
    """Return the labelled intervals of a bag, each with its subject.

    :raises TrainingError: if the bag cannot be read, or does not name its subject.
    """
    try:
        with BagReader(bag) as reader:
            intervals, subject = reader.labels(), reader.custom.get('subject', '')
    except BagError as error:
        raise TrainingError(str(error)) from error
    if not (subject or (intervals and all(interval.group for interval in intervals))):
        raise TrainingError(
            f'{bag} does not name its subject: metadata.yaml needs custom_data with a "subject"'
        )
    return intervals
