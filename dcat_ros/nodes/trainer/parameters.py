# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The trainer's parameters, and the arguments of the training program that they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcat_ros.evaluation.protocol import LEAST_BUDGET, MOST_BUDGET, PAIRINGS
from dcat_ros.evaluation.trial import parse_source
from dcat_ros.nodes.common.parameters import Parameter
from dcat_ros.training.config import Config
from dcat_ros.training.recipes import recipe_of, with_clock_offsets
from rclpy.exceptions import InvalidTopicNameException
from rclpy.validate_full_topic_name import validate_full_topic_name

RECIPE = (
    'a shipped recipe such as imu, camera or audio, or the path of a YAML file; for one of '
    'several sensors in the bags its name, as in left_wrist, or RECIPE@SENSOR'
)

PARAMETERS = {
    'autostart': Parameter(
        'Train when the node starts, if bags and target are set.', read_only=True
    ),
    'bags': Parameter('Bags to train on, or directories of bags; empty names are ignored.'),
    'target': Parameter('Recipe of the sensor that the bundle is for.', constraint=RECIPE),
    'source': Parameter(
        'Recipes of the source sensors; none for a training without sources.',
        constraint=f'{RECIPE}, optionally with a weight, as in camera=0.5',
    ),
    'source_bags': Parameter(
        'Bags that the sources are trained on, if they differ from those of the target.'
    ),
    'clock_offsets': Parameter(
        'Seconds by which clocks of sensors were ahead, as the reports on the bags say.',
        constraint='SENSOR=SECONDS, as in watch=0.12',
    ),
    'method': Parameter('Name of the method of transfer.'),
    'pairing': Parameter(
        'Pair source and target windows of the same time, or of the same label.',
        choices=PAIRINGS,
    ),
    'budget': Parameter("Factor on the recipe's epochs.", LEAST_BUDGET, MOST_BUDGET),
    'seeds': Parameter(
        'Trainings to score before the final one; 0 for as many as the recipe says.', 0, 100
    ),
    'output': Parameter(
        'Directory for results and bundle, relative to the working directory of the node.'
    ),
    'force': Parameter('Replace an existing bundle.'),
    'deploy_to': Parameter(
        'Full name of a running inference node to deploy the bundle to; empty for none.'
    ),
}


@dataclass(frozen=True)
class Settings:
    """The checked values of the parameters.

    :param recipe: of the target, None if none is named.
    """

    bags: tuple[Path, ...]
    target: str
    recipe: Config | None
    source: tuple[str, ...]
    source_bags: tuple[Path, ...]
    clock_offsets: tuple[str, ...]
    method: str
    pairing: str
    budget: float
    seeds: int
    output: Path
    force: bool
    deploy_to: str

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> Settings:
        """Return the settings for the values of the parameters by name.

        :raises ValueError: if one is invalid.
        """
        target, deploy_to = values['target'], values['deploy_to']
        source = tuple(name for name in values['source'] or () if name)
        bags, source_bags = _paths(values['bags']), _paths(values['source_bags'])
        recipes = [recipe_of(parse_source(text)[0], source_bags or bags) for text in source]
        recipe = recipe_of(target, bags) if target else None
        clock_offsets = tuple(text for text in values['clock_offsets'] or () if text)
        if recipe:
            with_clock_offsets([recipe, *recipes], clock_offsets)
        if values['pairing'] not in PAIRINGS:
            raise ValueError(
                f'pairing is "{values["pairing"]}", expected {" or ".join(PAIRINGS)}'
            )
        if deploy_to:
            _require_full_name(deploy_to)
        return cls(
            bags=bags,
            target=target,
            recipe=recipe,
            source=source,
            source_bags=source_bags,
            clock_offsets=clock_offsets,
            method=values['method'],
            pairing=values['pairing'],
            budget=values['budget'],
            seeds=values['seeds'],
            output=Path(values['output']).expanduser().absolute(),
            force=values['force'],
            deploy_to=deploy_to,
        )

    @property
    def missing(self) -> str:
        """Return which parameter a training still needs, empty if none."""
        if not self.bags:
            return 'bags is empty: name directories of bags to train on'
        return '' if self.target else 'target is empty: name the recipe to train'

    def arguments(self) -> list[str]:
        """Return the arguments of the training program.

        :raises ValueError: if a parameter is missing, or a directory does not fit.
        """
        if self.missing:
            raise ValueError(self.missing)
        for name, paths in (('bags', self.bags), ('source_bags', self.source_bags)):
            for path in paths:
                if not path.is_dir():
                    raise ValueError(f'{name} has {path}, which is no directory: check the path')
        if self.source_bags and not self.source:
            raise ValueError('source_bags is given, but no source: name one, or empty it')
        bundle = self.output / self.recipe.name if self.recipe else self.output
        if bundle.exists() and not self.force:
            raise ValueError(
                f'{bundle} exists already, not overwriting: set force, or another output'
            )
        return [
            self.target,
            '--bags', *map(str, self.bags),
            *(['--source', *self.source] if self.source else []),
            *(['--source-bags', *map(str, self.source_bags)] if self.source_bags else []),
            *(['--clock-offset', *self.clock_offsets] if self.clock_offsets else []),
            '--method', self.method,
            '--pairing', self.pairing,
            '--budget', str(self.budget),
            *(['--seeds', str(self.seeds)] if self.seeds else []),
            '--out', str(self.output),
            *(['--force'] if self.force else []),
        ]


def _paths(values: Any) -> tuple[Path, ...]:
    return tuple(Path(value).expanduser().absolute() for value in values or () if value)


def _require_full_name(name: str) -> None:
    try:
        validate_full_topic_name(name)
    except InvalidTopicNameException as error:
        raise ValueError(
            f'deploy_to is "{name}", expected the full name of a node, as in /inference'
        ) from error
