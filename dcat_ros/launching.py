"""What the launch files share: one node, told only what the user has decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.middleware import PROFILES

CONFIG = Path(get_package_share_directory('dcat_ros')) / 'config'
BOOLEANS = ['true', 'false', 'True', 'False']
TIME_TO_END = '120'  # s after Ctrl-C: a recorder may have much to write to a slow disk
LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal']


@dataclass(frozen=True)
class Override:
    """An argument without a default of its own: passed on where given, else not mentioned.

    :param description: shown by ``ros2 launch --show-args``.
    :param parameter: the node's parameter that it sets, if any.
    :param kind: the parameter's type.
    :param topic: the relative topic that it remaps, if any.
    :param choices: what it may be, if not anything.
    """

    description: str
    parameter: str = ''
    kind: Any = str
    topic: str = ''
    choices: Sequence[str] = ()

    def declared(self, name: str) -> DeclareLaunchArgument:
        """Return the declaration under a name."""
        otherwise = 'the topic is not remapped' if self.topic else 'as params_file says'
        return DeclareLaunchArgument(
            name,
            default_value='',
            description=f'{self.description} Empty: {otherwise}.',
            choices=['', *self.choices] if self.choices else None,
        )


MODALITY = {
    'modality': Override(
        'The sensor to recognise from; auto takes the best one that is alive.',
        'modality',
        choices=('auto', *MODALITIES),
    ),
}
COMMON = {
    'use_sim_time': Override(
        'Whether to take the time from /clock.', 'use_sim_time', bool, choices=BOOLEANS
    ),
    'autostart': Override(
        'Whether to configure and activate the node at start.', 'autostart', bool, choices=BOOLEANS
    ),
}


SESSION = {
    'output': Override('Directory for bags.', 'output'),
    'subject': Override('Who is recorded; training splits by it.', 'subject'),
    'session': Override("The session's name.", 'session'),
    'location': Override('Where it is recorded.', 'location'),
    'notes': Override('What else should be known of the session.', 'notes'),
    'sensors': Override('Sensors to record, as in "[imu, camera]".', 'sensors', list[str]),
    'topics': Override('Further topics to record, as in "[/tf, /robot]".', 'topics', list[str]),
    'start_on_activation': Override(
        'Whether to start a session as soon as the node is active.', 'start_on_activation', bool,
        choices=BOOLEANS,
    ),
    'label_topic': Override('Topic to take for ~/label.', topic='~/label'),
}


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
        *(override.declared(name) for name, override in overrides.items()),
        OpaqueFunction(
            function=_start,
            kwargs={'program': program, 'overrides': overrides, 'fixed': fixed},
        ),
    ])


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
        override.parameter: ParameterValue(LaunchConfiguration(name), value_type=override.kind)
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
