# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The parameters `NAME.SETTING` of sensors, whose names the parameter `sensors` lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.common.parameters import (
    declare_parameter,
    Parameter,
    parameter_value,
    require_topic,
)
from dcat_ros.sensors import NAME, Sensor
from rclpy.node import Node
from rclpy.parameter import Parameter as ParameterChange

SENSORS, MODALITY = 'sensors', 'modality'

SensorSettings = Mapping[str, Mapping[str, Parameter]]
"""The settings of a sensor with their defaults, by modality; among them is `modality`."""

TOPIC_SETTINGS: dict[str, dict[str, Parameter]] = {
    name: {
        MODALITY: Parameter('Kind of the sensor.', choices=tuple(MODALITIES), default=''),
        'topic': Parameter(
            'Topic of its samples; empty for the usual one, in the namespace of its name.',
            default='',
        ),
        **({
            'info_topic': Parameter(
                'Topic that describes its samples; empty for the usual one, beside its topic.',
                default='',
            )
        } if kind.info else {}),
    }
    for name, kind in MODALITIES.items()
}
"""The settings that every node with sensors has."""


def sensors_of(values: Mapping[str, Any], resolve: Callable[[str], str]) -> tuple[Sensor, ...]:
    """Return the sensors that parameter values by name describe, in the order of `sensors`.

    :param resolve: returns the full name of a topic, or raises.
    :raises ValueError: if a name, a modality or a topic is invalid, or a name stands twice.
    """
    names = [name for name in values[SENSORS] if name]
    if len(set(names)) < len(names):
        raise ValueError(f'{SENSORS} is {", ".join(names)}: a name stands twice')
    found = []
    for name in names:
        if name in values:
            raise ValueError(f'{SENSORS} has "{name}", which is a parameter: choose another name')
        modality = values.get(f'{name}.{MODALITY}') or name
        if NAME.fullmatch(name) and modality == name not in MODALITIES:
            raise ValueError(
                f'{SENSORS} has "{name}", expected {", ".join(MODALITIES)}, or a name with a '
                f'modality: set {name}.{MODALITY}'
            )
        settings = {
            setting: values.get(f'{name}.{setting}', '')
            for setting in TOPIC_SETTINGS.get(modality, (MODALITY,))
        }
        found.append(Sensor(name, **settings))
        for setting, value in settings.items():
            if value and setting != MODALITY:
                require_topic(f'{name}.{setting}', value, resolve)
    return tuple(found)


class SensorParameters:
    """Declares the parameters `NAME.SETTING` of a node's sensors, when they are needed.

    That is when the parameter `sensors` lists the name, or one of them is set. Those settings are
    declared that the sensor's modality has, and while no modality is known, those that are set.

    ``declared`` holds the names of the parameters.

    :param node: has the parameter `sensors`, unless there are no settings.
    :param settings: what a sensor can have; equal settings of two modalities have one type.
    :raises ValueError: if a value that was passed to the node has the wrong type or is out of
        range.
    """

    def __init__(self, node: Node, settings: SensorSettings) -> None:
        self.declared: list[str] = []
        self._node = node
        self._settings = settings
        self._known = {
            name: setting for each in settings.values() for name, setting in each.items()
        }
        if settings:
            self._declare_listed(parameter_value(node, SENSORS), {})

    def declare_for(self, changes: Sequence[ParameterChange]) -> list[str]:
        """Declare what changes of parameters need; return the names of the new parameters.

        :raises ValueError: if a change is of no parameter, or of none that its sensor has.
        """
        before = len(self.declared)
        values = {change.name: change.value for change in changes}
        try:
            if self._settings:
                self._declare_set(values)
                self._declare_listed(values.get(SENSORS) or (), values)
        except ValueError:
            self.undeclare(self.declared[before:])
            raise
        return self.declared[before:]

    def keep_those_of_modalities(self, changes: Sequence[ParameterChange]) -> None:
        """Undeclare the settings that sensors do not have since their modalities changed."""
        for change in changes:
            sensor, _, setting = change.name.partition('.')
            if setting == MODALITY and change.name in self.declared:
                had = [name for name in self.declared if name.startswith(f'{sensor}.')]
                has = self._settings_of(change.value)
                self.undeclare([name for name in had if name.partition('.')[2] not in has])

    def undeclare(self, names: Iterable[str]) -> None:
        """Undeclare parameters."""
        for name in names:
            self._node.undeclare_parameter(name)
            self.declared.remove(name)

    def _declare_set(self, values: Mapping[str, Any]) -> None:
        """Declare the settings among changed values, and those that sensors now have.

        :raises ValueError: if one is no setting of its sensor, or there is no such modality.
        """
        for name, value in values.items():
            sensor, _, setting = name.partition('.')
            if self._node.has_parameter(name) and setting != MODALITY:
                continue
            if not NAME.fullmatch(sensor) or setting not in self._known:
                raise ValueError(
                    f'{name} is no parameter, expected NAME.SETTING of a sensor: NAME has a-z, '
                    f'0-9 and "_", a letter first, and SETTING is {" or ".join(self._known)}'
                )
            if setting == MODALITY and value:
                Sensor(sensor, str(value))
            settings = self._declare_sensor(sensor, values)
            if setting not in settings:
                raise ValueError(
                    f'{name} is no parameter, since the modality of {sensor} has only '
                    f'{", ".join(settings)}'
                )

    def _declare_listed(self, sensors: Iterable[str], values: Mapping[str, Any]) -> None:
        for sensor in sensors:
            if NAME.fullmatch(str(sensor)):
                self._declare_sensor(sensor, values)

    def _declare_sensor(self, sensor: str, values: Mapping[str, Any]) -> Mapping[str, Parameter]:
        """Declare what a sensor has, and return the settings that it can have.

        :param values: changed ones by name; the modality may be among them.
        """
        name = f'{sensor}.{MODALITY}'
        default = sensor if sensor in MODALITIES else ''
        self._declare(name, self._known[MODALITY]._replace(default=default))
        modality = values.get(name, parameter_value(self._node, name))
        settings = self._settings_of(modality)
        for setting, parameter in settings.items():
            if str(modality) in self._settings or f'{sensor}.{setting}' in values:
                self._declare(f'{sensor}.{setting}', parameter)
        return settings

    def _settings_of(self, modality: Any) -> Mapping[str, Parameter]:
        return self._settings.get(str(modality), self._known)

    def _declare(self, name: str, parameter: Parameter) -> None:
        if not self._node.has_parameter(name):
            declare_parameter(self._node, name, parameter, parameter.default)
            self.declared.append(name)
