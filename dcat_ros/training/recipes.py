# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recipe that a user means: by its name, by its file, or by a sensor in the bags."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
import os
from pathlib import Path

from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.sensors import modality_of
from dcat_ros.sensors import NAME
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import find_bags
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.yaml_file import find


def recipe_of(text: str, bags: Sequence[Path]) -> Config:
    """Return the recipe that a text means.

    `imu_utd_mhad` is a shipped recipe, and `my/recipe.yaml` a file. `RECIPE@SENSOR` is a recipe
    for one of several sensors in the bags, as in `imu_utd_mhad@left_wrist`. The name of such a
    sensor alone, as in `left_wrist`, means the recipe of its modality for it.

    :param bags: bags, or directories of bags.
    :raises TrainingError: if there is no such recipe, nor such a sensor.
    """
    recipe, has_sensor, sensor = text.rpartition('@')
    if has_sensor and NAME.fullmatch(sensor):
        return _for_sensor(Config.read(recipe), sensor, f'{Path(recipe).stem}_{sensor}')
    if os.sep in text or not NAME.fullmatch(text):
        return Config.read(text)
    try:
        find(text, 'train', 'recipe')
    except TrainingError as error:
        modality = _modality(text, bags)
        if not modality:
            raise TrainingError(f'{error}; nor has a bag a sensor of that name') from None
        return _for_sensor(Config.read(modality), text, text)
    return Config.read(text)


def with_clock_offsets(recipes: Sequence[Config], texts: Sequence[str]) -> list[Config]:
    """Return recipes with the clock offsets that texts such as `watch=0.12` give, in s.

    An offset belongs to the recipes for the sensor of that name, which is the name of the modality
    for its default sensor. It replaces the `clock_offset` of the recipe.

    :raises TrainingError: if a text is no name with a number, or no recipe is for that sensor.
    """
    names = [recipe.recorded.name or recipe.modality for recipe in recipes]
    offsets = {}
    for text in texts:
        name, _, number = text.partition('=')
        try:
            offset = float(number)
        except ValueError:
            raise TrainingError(
                f'clock offset is "{text}", expected the name of a sensor and s, as in watch=0.12'
            ) from None
        if name not in names:
            raise TrainingError(
                f'clock offset "{text}" is for {name or "no sensor"}, but this training uses '
                f'{", ".join(dict.fromkeys(names)) or "none"}: name one of these'
            )
        if name in offsets:
            raise TrainingError(f'clock offset of {name} is given twice: leave one out')
        offsets[name] = offset
    return [
        replace(recipe, sensor={**recipe.sensor, 'clock_offset': offsets[name]})
        if name in offsets else recipe
        for name, recipe in zip(names, recipes, strict=True)
    ]


def _for_sensor(config: Config, sensor: str, name: str) -> Config:
    return replace(config, name=name, sensor={**config.sensor, 'name': sensor})


def _modality(sensor: str, bags: Sequence[Path]) -> str:
    """Return the modality of a sensor in the first bag that has it, empty if none has."""
    try:
        found = find_bags(bags)
    except TrainingError:
        return ''
    for bag in found:
        with suppress(BagError), BagReader(bag) as reader:
            return modality_of(reader, sensor)
    return ''
