# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What to train, and on which bags."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dcat_ros.method import METHODS
from dcat_ros.training.config import Config
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.hardware import Hardware


@dataclass(frozen=True)
class Source:
    """A source's recipe.

    :param weight: of its loss, relative to the other sources.
    """

    recipe: Config
    weight: float = 1.0


@dataclass(frozen=True)
class Job:
    """All that one run of ``dcat train`` depends on.

    :param recipe: of the target.
    :param bags: bags, or directories of bags.
    :param out: directory for the bundle, the report, and finished and unfinished work.
    :param sources: none for a unimodal model.
    :param source_bags: bags of the sources, where these differ from the target's.
    :param method: a name in ``dcat_ros.method.METHODS``.
    :param pairing: `time` or `label`.
    :param budget: factor on the recipes' epochs.
    :param only: `evaluate` to stop after the scores, `export` to continue from finished ones.
    :param force: whether to replace an existing bundle.
    """

    recipe: Config
    bags: tuple[Path, ...]
    out: Path
    sources: tuple[Source, ...] = ()
    source_bags: tuple[Path, ...] = ()
    method: str = 'dcat'
    pairing: str = 'time'
    budget: float = 1.0
    only: str = ''
    force: bool = False
    hardware: Hardware = field(default_factory=Hardware)

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if they do not fit together.
        """
        if self.sources and self.method not in METHODS:
            raise TrainingError(
                f'method is "{self.method}", expected one of {", ".join(METHODS)}'
            )
        names = [self.recipe.name, *(source.recipe.name for source in self.sources)]
        if len(set(names)) < len(names):
            raise TrainingError(
                f'the recipes are {", ".join(names)}: target and sources must be different ones'
            )
        if self.source_bags and self.pairing == 'time':
            raise TrainingError(
                'source bags are given, but pairing is "time", which is within the same bags: '
                'set pairing to "label", or leave the source bags out'
            )
        if self.sources and self.pairing == 'label' and not self.source_bags:
            raise TrainingError('pairing is "label": name the bags of the source')

    @property
    def bundle(self) -> Path:
        """Return the directory of the bundle."""
        return self.out / self.recipe.name

    @property
    def work(self) -> Path:
        """Return the directory of windows, fits and trials, finished or not."""
        return self.out / f'{self.recipe.name}.work'

    @property
    def source_text(self) -> str:
        """Return the sources as trials name them, such as `camera=2+audio`."""
        return '+'.join(
            source.recipe.name + ('' if source.weight == 1 else f'={source.weight:g}')
            for source in self.sources
        )
