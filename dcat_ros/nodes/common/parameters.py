# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Parameters with descriptions and ranges; their defaults are the YAML files under config/."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from dcat_ros.share import defaults
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import ParameterException, ParameterUninitializedException
from rclpy.node import Node


class Parameter(NamedTuple):
    """The description and the limits of a parameter.

    :param description: shown by ``ros2 param describe``.
    :param least: smallest value of a number.
    :param most: largest value of a number.
    :param constraint: a further condition, in words.
    :param choices: the allowed values of a string, empty for any.
    :param read_only: whether it cannot change after the start.
    :param any_type: whether a number is accepted for a string, as in `-p subject:=7`.
    :param default: the default value if the YAML file has none.
    """

    description: str
    least: float | None = None
    most: float | None = None
    constraint: str = ''
    choices: Sequence[str] = ()
    read_only: bool = False
    any_type: bool = False
    default: Any = None


def declare_parameters(
    node: Node, parameters: Mapping[str, Parameter], node_name: str
) -> None:
    """Declare the parameters of a node with the defaults of its YAML file.

    :param node_name: the name of the YAML file under config/, also if the node is renamed.
    :raises KeyError: if the YAML file lacks a parameter or has an unknown one.
    :raises ValueError: if a value that was passed to the node has the wrong type or is out of
        range.
    """
    values = {name: p.default for name, p in parameters.items() if p.default is not None}
    values |= defaults(node_name)
    if different := set(values) ^ set(parameters):
        raise KeyError(f'config/{node_name}.yaml and the node disagree on {sorted(different)}')
    for name, parameter in parameters.items():
        declare_parameter(node, name, parameter, values[name])


def declare_parameter(node: Node, name: str, parameter: Parameter, default: Any) -> None:
    """Declare one parameter.

    :raises ValueError: if the value that was passed to the node has the wrong type or is out of
        range.
    """
    try:
        node.declare_parameter(name, default, _descriptor(parameter, default))
    except ParameterException as error:
        raise ValueError(f'parameter {name}: {error}') from error


def parameter_value(node: Node, name: str) -> Any:
    """Return a parameter's value; an array without a value is an empty list."""
    try:
        return node.get_parameter(name).value
    except ParameterUninitializedException:
        return []  # rclpy cannot tell the type of an empty list


def require_topic(parameter: str, name: str, resolve: Callable[[str], str]) -> None:
    """Check a topic that a parameter names.

    :param resolve: returns the full name of a topic, or raises.
    :raises ValueError: if it is no name of a topic.
    """
    try:
        resolve(name)
    except Exception as error:
        reason = str(error).split(', at /')[0]
        raise ValueError(f'{parameter} has "{name}", which is no topic: {reason}') from error


def _descriptor(parameter: Parameter, default: Any) -> ParameterDescriptor:
    choices = ', '.join(parameter.choices)
    descriptor = ParameterDescriptor(
        description=parameter.description,
        additional_constraints=f'one of {choices}' if choices else parameter.constraint,
        read_only=parameter.read_only,
        dynamic_typing=parameter.any_type,
    )
    if parameter.least is not None and parameter.most is not None:
        least, most = parameter.least, parameter.most
        if isinstance(default, float):
            descriptor.floating_point_range = [FloatingPointRange(from_value=least, to_value=most)]
        else:
            descriptor.integer_range = [
                IntegerRange(from_value=int(least), to_value=int(most), step=1)
            ]
    return descriptor
