# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Launch descriptions: one node, given only what the user sets by launch arguments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any, List  # noqa: UP035

from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.common.middleware import PROFILES
from dcat_ros.nodes.common.sensor_arguments import sensor_arguments
from dcat_ros.nodes.inference import parameters as inference_parameters
from dcat_ros.nodes.recorder import parameters as recorder_parameters
from dcat_ros.nodes.trainer import parameters as trainer_parameters
from dcat_ros.share import defaults, share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import EnvironmentVariable, LaunchConfiguration, TextSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

PARAMETERS = {
    'inference': inference_parameters.PARAMETERS,
    'recorder': recorder_parameters.PARAMETERS,
    'trainer': trainer_parameters.PARAMETERS,
}
SENSOR_SETTINGS = {
    'inference': inference_parameters.sensor_settings(),
    'recorder': recorder_parameters.SENSOR_SETTINGS,
}
CONFIG = share_directory() / 'config'
SIGTERM_TIMEOUT = '120'  # s after Ctrl-C: a recorder may have much to write to a slow disk
LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal']
BOOLEANS = ['true', 'false', 'True', 'False']
STRINGS = List[str]  # noqa: UP006 - launch does not know list[str]
LISTS = {str: STRINGS, float: List[float]}  # noqa: UP006


@dataclass(frozen=True)
class Argument:
    """A launch argument.

    One that sets a parameter or remaps a topic has no default: it does so only if the user gives a
    value.

    :param description: shown by ``ros2 launch --show-args``.
    :param default: the default value.
    :param choices: the allowed values, empty for any.
    :param parameter: the node's parameter that it sets, if any.
    :param value_type: the parameter's type.
    :param topic: the relative topic that it remaps, if any.
    """

    description: str
    default: str = ''
    choices: Sequence[str] = ()
    parameter: str = ''
    value_type: Any = str
    topic: str = ''


def inference(modality: str = '') -> LaunchDescription:
    """Return the description that starts the inference node.

    :param modality: the one sensor to recognise from; empty for an argument that chooses.
    """
    if modality:
        arguments = _of_parameters('inference', {'bundle': f'{modality}.bundle'})
        return _description('inference', arguments | _topics(modality), {'modality': modality})
    bundles = {f'{name}_bundle': f'{name}.bundle' for name in MODALITIES}
    names = {name: name for name in ('sensors', 'modality', 'priority', 'vote')}
    arguments = _of_parameters('inference', names | bundles)
    for name in MODALITIES:
        arguments |= _topics(name, f'{name}_')
    return _description('inference', arguments)


def recorder() -> LaunchDescription:
    """Return the description that starts the recorder node."""
    names = (
        'output', 'subject', 'session', 'location', 'notes', 'sensors', 'topics',
        'start_on_activation',
    )
    arguments = _of_parameters('recorder', {name: name for name in names})
    arguments['label_topic'] = Argument('Topic to take for ~/label.', topic='~/label')
    for name in MODALITIES:
        arguments |= _topics(name, f'{name}_')
    return _description('recorder', arguments)


def trainer() -> LaunchDescription:
    """Return the description that starts the trainer node."""
    return _description(
        'trainer', _of_parameters('trainer', {name: name for name in PARAMETERS['trainer']})
    )


def _of_parameters(program: str, names: Mapping[str, str]) -> dict[str, Argument]:
    """Return launch arguments with the descriptions and types of parameters.

    :param names: the parameter of each argument.
    """
    values = defaults(program)
    arguments = {}
    for name, parameter_name in names.items():
        parameter = PARAMETERS[program][parameter_name]
        value = values.get(parameter_name, parameter.default)
        value_type, description = type(value), parameter.description
        if isinstance(value, list):
            value_type, description = STRINGS, f'{description} A list, as in "[a, b]", or a name.'
        elif parameter.constraint and not parameter.choices:
            description += f' Expected: {parameter.constraint}.'
        choices = BOOLEANS if isinstance(value, bool) else parameter.choices
        arguments[name] = Argument(description, '', choices, parameter_name, value_type)
    return arguments


def _of_named_sensors(
    program: str, values: Mapping[str, str], declared: Mapping[str, Argument]
) -> dict[str, Argument]:
    """Return those launch arguments among values that set a parameter of a sensor by name.

    :raises ValueError: if one seems to be misspelt.
    """
    found = sensor_arguments(values, declared, SENSOR_SETTINGS.get(program, {}))
    return {
        name: Argument('', parameter=parameter, value_type=(
            LISTS[type(default[0])] if isinstance(default, list) else type(default)
        ))
        for name, (parameter, default) in found.items()
    }


def _topics(name: str, prefix: str = '') -> dict[str, Argument]:
    """Return the arguments that remap the topics of a sensor."""
    modality = MODALITIES[name]
    topics = {f'{prefix}topic': modality.topic}
    topics |= {f'{prefix}info_topic': topic for topic in modality.info}
    return {
        argument: Argument(f'Topic to take for {topic}.', topic=topic)
        for argument, topic in topics.items()
    }


def _description(
    program: str, arguments: dict[str, Argument], fixed: Mapping[str, str] | None = None
) -> LaunchDescription:
    """Return the description of a node that has the name of its program.

    :param arguments: its launch arguments besides those that all nodes have.
    :param fixed: values of parameters that have no argument.
    """
    arguments = {
        'namespace': Argument('Namespace of the node and its topics.'),
        'name': Argument('Name of the node.', program),
        'params_file': Argument(
            'YAML file with the parameters of the node.', str(CONFIG / f'{program}.yaml')
        ),
        'log_level': Argument('Least severity that is logged.', 'info', LOG_LEVELS),
        'respawn': Argument('Whether to restart the node when it ends.', 'false', BOOLEANS),
        'use_sim_time': Argument(
            'Whether to take the time from /clock.', '', BOOLEANS, 'use_sim_time', bool
        ),
        **_of_parameters(program, {'autostart': 'autostart'}),
        **arguments,
    }
    return LaunchDescription([
        *(_declaration(name, argument) for name, argument in arguments.items()),
        OpaqueFunction(
            function=_start,
            kwargs={'program': program, 'arguments': arguments, 'fixed': fixed or {}},
        ),
    ])


def _declaration(name: str, argument: Argument) -> DeclareLaunchArgument:
    description, choices = argument.description, list(argument.choices)
    if argument.parameter or argument.topic:
        without = 'the topic is not remapped' if argument.topic else 'as params_file says'
        description = f'{description} Empty: {without}.'
        choices = ['', *choices] if choices else []
    return DeclareLaunchArgument(
        name,
        default_value=argument.default,
        description=description,
        choices=choices or None,
    )


def _start(
    context: LaunchContext,
    program: str,
    arguments: dict[str, Argument],
    fixed: Mapping[str, str],
) -> list[Node]:
    values = context.launch_configurations
    if not Path(values['params_file']).is_file():
        raise ValueError(
            f'params_file "{values["params_file"]}" is no file: give the path of a YAML file'
        )
    arguments = arguments | _of_named_sensors(program, values, arguments)
    given = {name: argument for name, argument in arguments.items() if values[name]}
    parameters = dict(fixed) | {
        argument.parameter: _parameter_value(argument, name, values[name])
        for name, argument in given.items() if argument.parameter
    }
    return [
        Node(
            package='dcat_ros',
            executable=program,
            name=values['name'],
            namespace=values['namespace'],
            parameters=[values['params_file'], *([parameters] if parameters else [])],
            remappings=[
                (argument.topic, values[name])
                for name, argument in given.items() if argument.topic
            ],
            ros_arguments=['--log-level', values['log_level']],
            additional_env={
                PROFILES: EnvironmentVariable(PROFILES, default_value=str(CONFIG / 'fastdds.xml'))
            },
            output='screen',
            emulate_tty=True,
            respawn=LaunchConfiguration('respawn'),
            respawn_delay=2.0,
            sigterm_timeout=SIGTERM_TIMEOUT,
        )
    ]


def _parameter_value(argument: Argument, name: str, text: str) -> ParameterValue:
    """Return the value of an argument; for a list, a single name becomes a list of one."""
    if argument.value_type is STRINGS and not text.startswith('['):
        single = TextSubstitution(text=json.dumps([text]))
        return ParameterValue(single, value_type=argument.value_type)
    return ParameterValue(LaunchConfiguration(name), value_type=argument.value_type)
