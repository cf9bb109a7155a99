# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Parameters with descriptions and ranges; their defaults are the YAML files under config/."""

from typing import Any, NamedTuple

from dcat_ros.share import share_directory
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import ParameterException, ParameterUninitializedException
from rclpy.node import Node
import yaml


class Parameter(NamedTuple):
    """What is said of a parameter but its default.

    :param description: shown by ``ros2 param describe``.
    :param least: smallest value of a number.
    :param most: largest value of a number.
    :param constraint: what else must hold, in words.
    :param read_only: whether it is fixed at start.
    :param any_type: whether what looks like a number is taken too, as in `-p subject:=7`.
    :param default: what it is where the YAML file does not say.
    """

    description: str
    least: float | None = None
    most: float | None = None
    constraint: str = ''
    read_only: bool = False
    any_type: bool = False
    default: Any = None


def defaults(node_name: str) -> dict[str, Any]:
    """Return the defaults of a node by dotted parameter name, from config/<node_name>.yaml."""
    path = share_directory() / 'config' / f'{node_name}.yaml'
    record = yaml.safe_load(path.read_text(encoding='utf-8'))
    return _flat(record['/**']['ros__parameters'])


def declare(node: Node, parameters: dict[str, Parameter], node_name: str) -> None:
    """Declare the parameters of a node with the defaults of its YAML file.

    :param node_name: the name under config/, whatever the node was renamed to.
    :raises KeyError: if a parameter has no default there, or a default no parameter.
    :raises ValueError: if a parameter was given a value of the wrong type or out of its range.
    """
    own = {name: each.default for name, each in parameters.items() if each.default is not None}
    values = own | defaults(node_name)
    if odd := set(values) ^ set(parameters):
        raise KeyError(f'config/{node_name}.yaml and the node disagree on {sorted(odd)}')
    name = ''
    try:
        for name, parameter in parameters.items():
            node.declare_parameter(name, values[name], _descriptor(parameter, values[name]))
    except ParameterException as error:
        raise ValueError(f'parameter {name}: {error}') from error


def value_of(node: Node, name: str) -> Any:
    """Return a parameter's value; an array that was given no value is an empty list."""
    try:
        return node.get_parameter(name).value
    except ParameterUninitializedException:
        return []  # an empty list has no type


def _descriptor(parameter: Parameter, default: Any) -> ParameterDescriptor:
    descriptor = ParameterDescriptor(
        description=parameter.description,
        additional_constraints=parameter.constraint,
        read_only=parameter.read_only,
        dynamic_typing=parameter.any_type,
    )
    if parameter.least is not None and parameter.most is not None:
        if isinstance(default, float):
            descriptor.floating_point_range = [
                FloatingPointRange(from_value=parameter.least, to_value=parameter.most)
            ]
        else:
            descriptor.integer_range = [
                IntegerRange(from_value=int(parameter.least), to_value=int(parameter.most), step=1)
            ]
    return descriptor


def _flat(tree: dict[str, Any], prefix: str = '') -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f'{prefix}{key}.'))
        else:
            flat[f'{prefix}{key}'] = value
    return flat
