# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The settings of a training, read from YAML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dcat_ros.modalities import MODALITIES
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.yaml_file import parse, read_yaml
from dcat_ros.windows import WindowSpec


@dataclass(frozen=True)
class Sampling:
    """How training windows are cut from a clip; evaluation uses the bundle's stride instead.

    :param dense_stride: s from one training window's end to the next one's.
    """

    dense_stride: float = 0.1


@dataclass(frozen=True)
class Fit:
    """How a network is fitted: AdamW, one-cycle learning rate, averaged weights.

    :param epochs: passes over the clips, one random window of each.
    :param batch: windows a step.
    :param lr: highest learning rate.
    :param warm_up: share of the steps in which the learning rate rises.
    :param weight_decay: of weight matrices and kernels, nothing else.
    :param label_smoothing: share of the target spread over all classes.
    :param idle: share of synthetic windows without activity in each batch; their target is the
        same probability for all classes (outlier exposure, Hendrycks et al. 2019).
    :param ema: decay of the exponential moving average of the weights, 0 for none.
    :param clip: largest norm of the gradient.
    """

    epochs: float
    batch: int = 64
    lr: float = 0.004
    warm_up: float = 0.1
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    idle: float = 0.0
    ema: float = 0.99
    clip: float = 1.0

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if one is out of its range.
        """
        for name in ('epochs', 'batch', 'lr', 'clip'):
            if not getattr(self, name) > 0:
                raise TrainingError(f'fit.{name} is {getattr(self, name)}, expected more than 0')
        for name in ('warm_up', 'label_smoothing', 'idle', 'ema'):
            if not 0 <= getattr(self, name) < 1:
                raise TrainingError(f'fit.{name} is {getattr(self, name)}, expected 0 to below 1')


@dataclass(frozen=True)
class Protocol:
    """Which subjects are held back to score the recipe.

    :param train: subjects to train on.
    :param test: subjects to score on; if both are empty, every third subject.
    :param validation: training subjects held back to choose λ, for a model with sources.
    :param seeds: number of trainings, with seeds 0, 1, ...
    :param folds: groups of subjects left out in turn for calibration, at most one a subject.
    :param simulated: whether the subjects are simulated, so that scores say nothing about people.
    """

    train: list[str] = field(default_factory=list)
    test: list[str] = field(default_factory=list)
    validation: list[str] = field(default_factory=list)
    seeds: int = 5
    folds: int = 6
    simulated: bool = False

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if a subject is on both sides, or a side is empty.
        """
        if both := set(self.train) & set(self.test):
            raise TrainingError(f'protocol has subject {min(both)} in both train and test')
        if bool(self.train) != bool(self.test):
            raise TrainingError('protocol.train and protocol.test must each name a subject')
        if odd := set(self.validation) - set(self.train):
            raise TrainingError(f'protocol.validation has subject {min(odd)}, which train lacks')
        if self.seeds < 1 or self.folds < 2:
            raise TrainingError(
                f'protocol has {self.seeds} seeds and {self.folds} folds, expected 1 and 2 or more'
            )

    def resolved(self, subjects: Sequence[str]) -> Protocol:
        """Return the protocol with its subjects named.

        :param subjects: those with labelled clips, in order.
        :raises TrainingError: if there are too few to hold one back.
        """
        if self.train:
            return self
        if len(subjects) < 2:
            raise TrainingError(
                f'all labels are of one subject, {", ".join(subjects) or "none"}: record another, '
                'since a score on people that the model has seen says nothing'
            )
        test = subjects[2::3] or subjects[1:]
        train = [subject for subject in subjects if subject not in test]
        return replace(self, train=train, test=list(test), validation=train[3::4])


@dataclass(frozen=True)
class CardTexts:
    """Texts of the model card.

    :param bags: the command that makes the bags.
    """

    title: str
    data: str
    bags: str
    licence: str
    intended_use: str
    limits: str


@dataclass(frozen=True)
class Config:
    """A recipe: all settings that turn bags into a bundle.

    :param name: the bundle's name.
    :param modality: a name in ``dcat_ros.modalities.MODALITIES``.
    :param window: the model's windows.
    :param fit: how the network is fitted.
    :param protocol: what is held back to measure the recipe.
    :param card: texts of the model card.
    :param features: the modality's feature settings.
    :param dim: width of the tokens; equal for all modalities that are to be aligned.
    :param dropout: share of pooled features dropped in training.
    :param encoder: the encoder's settings.
    :param augment: strengths, see ``dcat_ros.training.augment``.
    :param sampling: how training windows are cut.
    :param classes: labels to learn, in the order of the model's output; none for all in the bags.
    """

    name: str
    modality: str
    window: WindowSpec
    fit: Fit
    card: CardTexts
    protocol: Protocol = field(default_factory=Protocol)
    features: dict = field(default_factory=dict)
    dim: int = 64
    dropout: float = 0.3
    encoder: dict = field(default_factory=dict)
    augment: dict = field(default_factory=dict)
    sampling: Sampling = field(default_factory=Sampling)
    classes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if the modality is unknown.
        """
        if self.modality not in MODALITIES:
            known = ', '.join(MODALITIES)
            raise TrainingError(f'modality is "{self.modality}", expected one of {known}')

    @classmethod
    def read(cls, config: str) -> Config:
        """Read a configuration: a path stands for itself, a name for a shipped one.

        :raises TrainingError: if there is none, or a setting is unknown, missing or wrong.
        """
        path, record = read_yaml(config, 'train', 'recipe')
        try:
            return parse(cls, record, '')
        except ValueError as error:
            raise TrainingError(f'{path}: {error}') from error
