# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The protocol of a study, read from YAML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dcat_ros.evaluation.sweep import Sweep
from dcat_ros.evaluation.trial import source_weights
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.yaml_file import parse, read_yaml

PAIRINGS = ('time', 'label')
LEAST_BUDGET, MOST_BUDGET = 0.05, 4.0


@dataclass(frozen=True)
class Direction:
    """The direction of a transfer.

    :param source: recipe of the source sensor, by name or path; several as in `camera=2+audio`,
        where a weight of 2 counts twice.
    :param target: recipe of the target sensor.
    """

    source: str
    target: str

    def __str__(self) -> str:
        return f'{self.source} → {self.target}'


@dataclass(frozen=True)
class Subjects:
    """A split by subject, the same for each seed; an empty one does not run.

    :param train: subjects to train on.
    :param test: subjects to score on.
    :param validation: some of the training subjects. λ and early stopping are chosen on them,
        once for all seeds and shares. Without them, every method has its default λ.
    :param choose_at: share of labels with which λ is chosen.
    """

    train: list[str] = field(default_factory=list)
    test: list[str] = field(default_factory=list)
    validation: list[str] = field(default_factory=list)
    choose_at: float = 1.0

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if a subject is on both sides, or one side alone is empty.
        """
        if both := set(self.train) & set(self.test):
            raise TrainingError(f'subject {min(both)} is in both train and test: drop it from one')
        if bool(self.train) != bool(self.test):
            raise TrainingError('train and test must each name a subject')
        if odd := set(self.validation) - set(self.train):
            raise TrainingError(
                f'subject {min(odd)} is to validate on, but not in train: λ is chosen within the '
                'training subjects'
            )
        if self.validation and set(self.validation) == set(self.train):
            raise TrainingError('validation has all subjects of train: leave one to train on')
        if not 0 < self.choose_at <= 1:
            raise TrainingError(f'choose_at is {self.choose_at:g}, expected above 0, at most 1')

    def __bool__(self) -> bool:
        return bool(self.train)


@dataclass(frozen=True)
class Drawn:
    """A random split, stratified by class, drawn anew for each seed.

    A split with a share of 0 does not run.

    :param share: of the clips to train on; the others are test clips.
    :param grouped: whether clips of one group (see ``dcat_ros.bags.labels.Interval``) stay
        together, as they must if several were cut from one recording. If groups are subjects and
        each clip was recorded separately, clips are drawn one by one.
    """

    share: float = 0.0
    grouped: bool = False

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if the share leaves a side empty.
        """
        if not 0 <= self.share < 1:
            raise TrainingError(f'share is {self.share:g}, expected more than 0 and less than 1')

    def __bool__(self) -> bool:
        return self.share > 0


@dataclass(frozen=True)
class Splits:
    """The splits of a study, in the order in which they run.

    :param out_of_distribution: whole subjects.
    :param in_distribution: clips at random.
    """

    out_of_distribution: Subjects = field(default_factory=Subjects)
    in_distribution: Drawn = field(default_factory=Drawn)

    @property
    def used(self) -> dict[str, Subjects | Drawn]:
        """Return the splits to run, by name."""
        return {name: split for name, split in vars(self).items() if split}


@dataclass(frozen=True)
class Study:
    """All that a study runs: each row, for each direction, split, share of labels and seed.

    :param name: a short name, for files.
    :param title: the question of the study, in a sentence.
    :param splits: how training and test clips are separated.
    :param rows: see ``dcat_ros.evaluation.plan``; none for all.
    :param pairing: `time` pairs windows of the same time in the same bags, `label` pairs windows
        with the same label from other bags.
    :param labelled: shares of the target's training clips that keep their label, each above 0
        and at most 1; the source keeps all of its own.
    :param seeds: number of fits of each cell, with seeds 0, 1, ...
    :param budget: factor on the recipes' epochs, 0.05 to 4.
    :param members: networks of each fit; 0 for as many as its recipe says.
    :param same: labels by the names that other bags give them.
    :param leave_classes_out: whether networks that lack every third class in turn are fitted too,
        for the open-set table; with the first seed and all labels only.
    :param source_split: how the source's clips are split if they come from other bags.
    :param targets: variants of the targets' recipes, each fitted and scored like a target of its
        own; the sources stay the same. Every method then has its default λ and trains to the end
        of its schedule: what is chosen on validation subjects is the variant.
    """

    name: str
    title: str
    directions: list[Direction]
    splits: Splits
    rows: list[str] = field(default_factory=list)
    pairing: str = 'time'
    labelled: list[float] = field(default_factory=lambda: [1.0])
    seeds: int = 5
    budget: float = 1.0
    members: int = 0
    same: dict[str, str] = field(default_factory=dict)
    leave_classes_out: bool = False
    source_split: Drawn = field(default_factory=lambda: Drawn(0.75, grouped=True))
    targets: Sweep = field(default_factory=Sweep)

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if one is out of its range.
        """
        if not self.directions:
            raise TrainingError('directions is empty, expected a source and a target')
        if not self.splits.used:
            raise TrainingError(
                'splits names no split, expected out_of_distribution, in_distribution or both'
            )
        if self.pairing not in PAIRINGS:
            raise TrainingError(f'pairing is "{self.pairing}", expected {" or ".join(PAIRINGS)}')
        shares = self.labelled
        for share in shares:
            if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
                raise TrainingError(f'labelled has {share!r}, expected shares above 0, at most 1')
        for name in ('labelled', 'rows', 'directions'):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise TrainingError(f'{name} names one twice: drop it')
        targets = {each.target for each in self.directions}
        for each in self.directions:
            targets_of_source = {each.target} if self.is_paired else targets
            if targets_of_source & set(source_weights(each.source)):
                raise TrainingError(
                    f'directions has "{each.source}" as source and as target'
                    + ('' if self.is_paired else ', whose bags are not the same')
                    + ': take one out'
                )
        if not shares:
            raise TrainingError('labelled is empty, expected shares such as [1.0, 0.25]')
        if self.seeds < 1:
            raise TrainingError(f'seeds is {self.seeds}, expected 1 or more')
        if self.members < 0:
            raise TrainingError(f'members is {self.members}, expected 0 or more')
        if not LEAST_BUDGET <= self.budget <= MOST_BUDGET:
            raise TrainingError(
                f'budget is {self.budget:g}, expected {LEAST_BUDGET:g} to {MOST_BUDGET:g}'
            )

    @classmethod
    def read(cls, protocol: str) -> Study:
        """Read a protocol: a path stands for itself, a name for a shipped one.

        :raises TrainingError: if there is none, or a setting is unknown, missing or wrong.
        """
        path, record = read_yaml(protocol, 'evaluate', 'protocol')
        try:
            return parse(cls, _with_directions(record), '')
        except ValueError as error:
            raise TrainingError(f'{path}: {error}') from error

    @property
    def recipes(self) -> list[str]:
        """Return the recipes that the directions name, each once."""
        both = [
            name for each in self.directions
            for name in (*source_weights(each.source), each.target)
        ]
        return list(dict.fromkeys(both))

    @property
    def is_paired(self) -> bool:
        """Whether source and target are sensors in the same bags."""
        return self.pairing == 'time'


def _with_directions(record: Any) -> Any:
    """Return the record with its list of directions parsed."""
    if not isinstance(record, dict) or 'directions' not in record:
        return record
    given = record['directions']
    if not isinstance(given, list):
        raise TrainingError(f'directions is {given!r}, expected a list')
    parsed = [parse(Direction, each, f'directions[{i}]') for i, each in enumerate(given)]
    return {**record, 'directions': parsed}
