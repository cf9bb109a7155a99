# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The settings of a training, read from YAML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dcat_ros.bags.windows import Recorded
from dcat_ros.modalities import create_format, MODALITIES
from dcat_ros.sensors import Sensor
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.yaml_file import parse, read_yaml
from dcat_ros.windows import WindowSpec

MOST_CLOCK_OFFSET = 3600.0
"""Most s by which the clock of a sensor may be ahead or behind."""


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
    :param ema: decay of the exponential moving average of the weights, 0 for none.
    :param clip: largest norm of the gradient.
    :param members: networks fitted with different seeds, whose mean is the model.
    """

    epochs: float
    batch: int = 64
    lr: float = 0.004
    warm_up: float = 0.1
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    ema: float = 0.99
    clip: float = 1.0
    members: int = 1

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if one is out of its range.
        """
        for name in ('epochs', 'batch', 'lr', 'clip', 'members'):
            if not getattr(self, name) > 0:
                raise TrainingError(f'fit.{name} is {getattr(self, name)}, expected more than 0')
        for name in ('warm_up', 'label_smoothing', 'ema'):
            if not 0 <= getattr(self, name) < 1:
                raise TrainingError(f'fit.{name} is {getattr(self, name)}, expected 0 to below 1')


@dataclass(frozen=True)
class Negatives:
    """Windows of none of the classes, added to each batch: outlier exposure.

    Their target is the same probability for all classes (Hendrycks et al., arXiv 1812.04606), so
    that movement which the model does not know gets a low score. The amount of each kind is given
    as a share of ``fit.batch``.

    :param weight: of their loss.
    :param bags: bags of movement that is none of the classes, or directories of such bags; a name
        without a "/" is a set that is shipped.
    :param test: subjects of those bags that are held back for the open-set table; if empty, every
        other subject.
    :param recorded: windows of those bags; for an IMU, half of them in a random orientation.
    :param rest: a resting IMU, an empty or motionless picture, a steady sound.
    :param smooth: smooth random movement; for audio, noise whose spectrum changes smoothly.
    :param spliced: the beginning of one clip and the end of another: a transition.
    :param reversed: clips played backwards, if no class is the reverse of another.
    :param recombined: arms of one clip on the body of another, or the same on both sides.
    :param remounted: a strap the wrong way round, or a camera upside down.
    :param misreported: gravity removed or other axes of the angular velocity; a wrong sample rate.
    """

    weight: float = 0.5
    bags: list[str] = field(default_factory=list)
    test: list[str] = field(default_factory=list)
    recorded: float = 0.0
    rest: float = 0.0
    smooth: float = 0.0
    spliced: float = 0.0
    reversed: float = 0.0
    recombined: float = 0.0
    remounted: float = 0.0
    misreported: float = 0.0

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if one is out of its range.
        """
        for name, share in {'weight': self.weight, **self.shares}.items():
            if not 0 <= share <= 4:
                raise TrainingError(f'negatives.{name} is {share}, expected 0 to 4')
        if self.recorded and not self.bags:
            raise TrainingError(
                f'negatives.recorded is {self.recorded}, but negatives.bags names no bags: name '
                'some, or set it to 0'
            )

    @property
    def shares(self) -> dict[str, float]:
        """Return how many windows of each kind a batch has, as a share of the labelled ones."""
        kinds = (
            'recorded', 'rest', 'smooth', 'spliced', 'reversed', 'recombined', 'remounted',
            'misreported',
        )
        return {kind: getattr(self, kind) for kind in kinds}

    def tested(self, subjects: Sequence[str]) -> list[str]:
        """Return the subjects that are held back for the open-set table.

        :param subjects: all that have negatives, in order.
        :raises TrainingError: if a subject to hold back has none.
        """
        if odd := set(self.test) - set(subjects):
            raise TrainingError(
                f'negatives.test has subject {min(odd)}, the bags have {", ".join(subjects)}'
            )
        return self.test or list(subjects[1::2])


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
    :param sensor: the `name` of the sensor in the bags, if it is not the default one of the
        modality; the `clock_offset` in s by which its clock was ahead; and what its driver
        published and how it was mounted, where that is not standard, such as
        `{acceleration_unit: g}`, see ``dcat_ros.modalities.FORMATS``.
    :param dim: width of the tokens; equal for all modalities that are to be aligned.
    :param dropout: share of pooled features dropped in training.
    :param encoder: the encoder's settings.
    :param augment: strengths, see ``dcat_ros.training.augment``.
    :param sampling: how training windows are cut.
    :param negatives: windows of none of the classes.
    :param classes: labels to learn, in the order of the model's output; none for all in the bags.
    """

    name: str
    modality: str
    window: WindowSpec
    fit: Fit
    card: CardTexts
    protocol: Protocol = field(default_factory=Protocol)
    features: dict = field(default_factory=dict)
    sensor: dict = field(default_factory=dict)
    dim: int = 64
    dropout: float = 0.3
    encoder: dict = field(default_factory=dict)
    augment: dict = field(default_factory=dict)
    sampling: Sampling = field(default_factory=Sampling)
    negatives: Negatives = field(default_factory=Negatives)
    classes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if the modality is unknown, or a setting of the sensor wrong.
        """
        if self.modality not in MODALITIES:
            known = ', '.join(MODALITIES)
            raise TrainingError(f'modality is "{self.modality}", expected one of {known}')
        _ = self.recorded

    @property
    def recorded(self) -> Recorded:
        """Return the sensor in the bags.

        :raises TrainingError: if a setting is unknown or out of range.
        """
        given = dict(self.sensor)
        name, offset = given.pop('name', ''), given.pop('clock_offset', 0.0)
        try:
            if name:
                Sensor(name, self.modality)
            if isinstance(offset, bool) or not isinstance(offset, int | float) or not (
                abs(offset) <= MOST_CLOCK_OFFSET
            ):
                raise ValueError(
                    f'sensor.clock_offset is {offset}, expected -{MOST_CLOCK_OFFSET:g} to '
                    f'{MOST_CLOCK_OFFSET:g} s'
                )
            return Recorded(name, create_format(self.modality, given), float(offset))
        except (TypeError, ValueError) as error:
            raise TrainingError(str(error)) from error

    @property
    def features_of(self) -> str:
        """Return the modality that has the same features: skeletons, for a camera with pose."""
        if self.modality == 'camera' and self.features.get('kind') == 'pose':
            return 'skeleton'
        return self.modality

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
