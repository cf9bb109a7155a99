# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the launch files share: one node, told only what the user has decided."""

from collections.abc import Mapping
import json
from pathlib import Path

from dcat_ros.launch_arguments import (
    BOOLEANS,
    COMMON,
    MODALITY,
    Override,
    SESSION,
    STRINGS,
    TRAINING,
)
from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.common.middleware import PROFILES
from dcat_ros.share import share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import EnvironmentVariable, LaunchConfiguration, TextSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

CONFIG = share_directory() / 'config'
TIME_TO_END = '120'  # s after Ctrl-C: a recorder may have much to write to a slow disk
LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal']


def inference(modality: str = '') -> LaunchDescription:
    """Return the description that starts the inference node.

    :param modality: the one sensor to recognise from; empty for an argument that chooses.
    """
    if modality:
        overrides = COMMON | _bundle(modality) | _topics(modality)
        return _described('inference', overrides, {'modality': modality})
    overrides = MODALITY | COMMON
    for name in MODALITIES:
        overrides |= _bundle(name, f'{name}_') | _topics(name, f'{name}_')
    return _described('inference', overrides, {})


def recorder() -> LaunchDescription:
    """Return the description that starts the recorder node."""
    overrides = COMMON | SESSION
    for name in MODALITIES:
        overrides |= _topics(name, f'{name}_')
    return _described('recorder', overrides, {})


def trainer() -> LaunchDescription:
    """Return the description that starts the trainer node."""
    return _described('trainer', TRAINING, {})


def _described(
    program: str, overrides: dict[str, Override], fixed: Mapping[str, str]
) -> LaunchDescription:
    """Return the description of a node that is called as its program.

    :param overrides: its arguments besides those that all nodes have.
    :param fixed: parameters that have no argument.
    """
    return LaunchDescription([
        DeclareLaunchArgument(
            'namespace', default_value='', description='Namespace of the node and its topics.'
        ),
        DeclareLaunchArgument('name', default_value=program, description='Name of the node.'),
        DeclareLaunchArgument(
            'params_file',
            default_value=str(CONFIG / f'{program}.yaml'),
            description='YAML file with the parameters of the node.',
        ),
        DeclareLaunchArgument(
            'log_level',
            default_value='info',
            choices=LOG_LEVELS,
            description='Least severity that is logged.',
        ),
        DeclareLaunchArgument(
            'respawn',
            default_value='false',
            choices=BOOLEANS,
            description='Whether to start the node again when it has ended.',
        ),
        *(_declared(name, override) for name, override in overrides.items()),
        OpaqueFunction(
            function=_start,
            kwargs={'program': program, 'overrides': overrides, 'fixed': fixed},
        ),
    ])


def _declared(name: str, override: Override) -> DeclareLaunchArgument:
    otherwise = 'the topic is not remapped' if override.topic else 'as params_file says'
    return DeclareLaunchArgument(
        name,
        default_value='',
        description=f'{override.description} Empty: {otherwise}.',
        choices=['', *override.choices] if override.choices else None,
    )


def _bundle(name: str, prefix: str = '') -> dict[str, Override]:
    """Return the argument that chooses the model of a sensor."""
    return {
        f'{prefix}bundle': Override(
            f'Bundle for {name}: the name of a shipped one, or a path with a "/".',
            f'{name}.bundle',
        ),
    }


def _topics(name: str, prefix: str = '') -> dict[str, Override]:
    """Return the arguments that choose the topics of a sensor."""
    kind = MODALITIES[name]
    return {
        f'{prefix}topic': Override(f'Topic to take for {kind.topic}.', topic=kind.topic),
        **{
            f'{prefix}info_topic': Override(f'Topic to take for {topic}.', topic=topic)
            for topic in kind.info
        },
    }


def _parameter(override: Override, name: str, text: str) -> ParameterValue:
    """Return the value of an argument; where a list is expected, a lone name makes one."""
    if override.kind is STRINGS and not text.startswith('['):
        alone = TextSubstitution(text=json.dumps([text]))
        return ParameterValue(alone, value_type=override.kind)
    return ParameterValue(LaunchConfiguration(name), value_type=override.kind)


def _start(
    context: LaunchContext,
    program: str,
    overrides: dict[str, Override],
    fixed: Mapping[str, str],
) -> list[Node]:
    values = context.launch_configurations
    if not Path(values['params_file']).is_file():
        raise ValueError(
            f'params_file "{values["params_file"]}" is no file: give the path of a YAML file'
        )
    given = {name: override for name, override in overrides.items() if values[name]}
    parameters = dict(fixed) | {
        override.parameter: _parameter(override, name, values[name])
        for name, override in given.items() if override.parameter
    }
    return [
        Node(
            package='dcat_ros',
            executable=program,
            name=values['name'],
            namespace=values['namespace'],
            parameters=[values['params_file'], *([parameters] if parameters else [])],
            remappings=[
                (override.topic, values[name])
                for name, override in given.items() if override.topic
            ],
            ros_arguments=['--log-level', values['log_level']],
            additional_env={
                PROFILES: EnvironmentVariable(PROFILES, default_value=str(CONFIG / 'fastdds.xml'))
            },
            output='screen',
            emulate_tty=True,
            respawn=LaunchConfiguration('respawn'),
            respawn_delay=2.0,
            sigterm_timeout=TIME_TO_END,
        )
    ]
