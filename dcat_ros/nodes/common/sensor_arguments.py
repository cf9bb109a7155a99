# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The launch arguments `NAME_SETTING` of sensors, which set the parameters `NAME.SETTING`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any

from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.common.sensor_parameters import SENSORS, SensorSettings

SIMILAR = 0.8
"""How alike an unknown setting must be to a known one to be taken for misspelt, 1 for equal."""


def sensor_arguments(
    values: Mapping[str, str], declared: Collection[str], settings: SensorSettings
) -> dict[str, tuple[str, Any]]:
    """Return parameter and default of each launch argument that sets one of a named sensor.

    They cannot be declared, since the user chooses the names by the argument `sensors`.

    :param values: of all launch arguments, among them those of other launch files.
    :param declared: the arguments that are declared, which are left out.
    :param settings: those of the node's sensors.
    :raises ValueError: if an argument seems to be misspelt, or a sensor's is one that is declared.
    """
    defaults = {
        setting: parameter.default
        for each in settings.values() for setting, parameter in each.items()
    }
    names = [name.strip(' "\'') for name in values.get(SENSORS, '').strip('[] ').split(',')]
    found = {}
    for name in filter(None, names):
        for setting, default in defaults.items():
            argument = f'{name}_{setting}'
            if argument in declared and name not in MODALITIES:
                raise ValueError(
                    f'{SENSORS} has "{name}", whose launch argument {argument} means something '
                    'else: choose another name'
                )
            if argument in values and argument not in declared:
                found[argument] = f'{name}.{setting}', default
    for argument in sorted(values.keys() - found.keys() - set(declared)):
        for name in filter(None, names):
            setting = argument.removeprefix(f'{name}_')
            similar = get_close_matches(setting, defaults, 1, SIMILAR)
            if setting != argument and similar:
                raise ValueError(
                    f'there is no launch argument {argument}: did you mean {name}_{similar[0]}?'
                )
    return found
