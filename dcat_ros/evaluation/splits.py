# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Splits clips into training and test clips, and draws those that keep their label."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from dcat_ros.evaluation.protocol import Drawn, Subjects
from dcat_ros.training.dataset import Clip, labels_of, ordered
from dcat_ros.training.errors import TrainingError
import numpy as np

SIDES, LABELS = 0, 1  # streams of random numbers


class Sides(NamedTuple):
    """Numbers of clips, rising.

    :param train: to train on.
    :param test: to score.
    """

    train: list[int]
    test: list[int]


def clips_in(bags: Sequence[Path], same: Mapping[str, str]) -> list[Clip]:
    """Return all clips of some bags, numbered as ``dcat_ros.training.dataset.load`` does.

    :param same: labels by the name that the bags give them.
    :raises TrainingError: if a bag cannot be read, or none has labels.
    """
    found = [
        Clip(same.get(each.label, each.label), each.group)
        for bag in bags for each in labels_of(bag)
    ]
    if not found:
        raise TrainingError(
            f'none of the bags has labels ({", ".join(bag.name for bag in bags)}): record them '
            'on /label (std_msgs/msg/String), or add them with dcat annotate'
        )
    return found


def classes_of(clips: Iterable[Clip]) -> list[str]:
    """Return the labels of some clips, sorted."""
    return sorted({clip.label for clip in clips})


def sides_of(
    split: Subjects | Drawn, clips: Sequence[Clip], classes: Sequence[str], seed: int
) -> Sides:
    """Return the sides of a split.

    :param classes: labels to learn; clips of others are on no side.
    :param seed: of the draw; a split by subject is the same for all.
    :raises TrainingError: if a subject has no clip, or a class is missing on a side.
    """
    shown = [number for number, clip in enumerate(clips) if clip.label in classes]
    if isinstance(split, Subjects):
        sides = _by_subject(split, clips, shown)
    else:
        sides = _drawn(split, clips, shown, seed)
    for side, numbers in sides._asdict().items():
        lacking = set(classes) - {clips[number].label for number in numbers}
        if lacking:
            raise TrainingError(
                f'class "{min(lacking)}" has no clip to {side} on: record it there, or list the '
                'classes to learn under classes in the recipe'
            )
    return sides


def labelled_of(clips: Sequence[Clip], train: Sequence[int], share: float, seed: int) -> list[int]:
    """Return the training clips that keep their label: of each class the share, at random.

    Of one seed, those of a smaller share are among those of a larger one.

    :raises TrainingError: if a class keeps none.
    """
    random = np.random.default_rng([seed, LABELS])
    kept: list[int] = []
    for label in classes_of(clips[number] for number in train):
        numbers = [number for number in train if clips[number].label == label]
        count = _rounded(share * len(numbers))
        if not count:
            raise TrainingError(
                f'a share of {share:g} leaves class "{label}" without a labelled clip, since it '
                f'has {len(numbers)} to train on: take a share of at least '
                f'{0.5 / len(numbers):.3f}'
            )
        kept += random.permutation(numbers)[:count].tolist()
    return sorted(kept)


def _by_subject(split: Subjects, clips: Sequence[Clip], shown: Sequence[int]) -> Sides:
    there = ordered(clips[number].subject for number in shown)
    for subject in [*split.train, *split.test]:
        if subject not in there:
            raise TrainingError(
                f'subject "{subject}" has no clip in the bags; there are {", ".join(there)}'
            )
    return Sides(*(
        [number for number in shown if clips[number].subject in side]
        for side in (split.train, split.test)
    ))


def _drawn(split: Drawn, clips: Sequence[Clip], shown: Sequence[int], seed: int) -> Sides:
    """Draw groups or single clips, the same share of each class."""
    units: dict[str | int, list[int]] = {}
    for number in shown:
        units.setdefault(clips[number].subject if split.grouped else number, []).append(number)
    random = np.random.default_rng([seed, SIDES])
    train: set[int] = set()
    for label in classes_of(clips[number] for number in shown):
        of_label = [unit for unit in units.values() if clips[unit[0]].label == label]
        count = min(max(_rounded(split.share * len(of_label)), 1), max(len(of_label) - 1, 0))
        for chosen in random.permutation(len(of_label))[:count]:
            train.update(of_label[chosen])
    return Sides(sorted(train), [number for number in shown if number not in train])


def _rounded(value: float) -> int:
    return int(value + 0.5)
