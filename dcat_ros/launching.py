"""What the launch files share: one inference node, told only what the user has decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
    kind: type = str
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


def inference(modality: str = '') -> LaunchDescription:
    """Return the description that starts the inference node.

    :param modality: the one sensor to recognise from; empty for an argument that chooses.
    """
    if modality:
        overrides = COMMON | _sensor(modality)
    else:
        overrides = MODALITY | COMMON
        for name in MODALITIES:
            overrides |= _sensor(name, f'{name}_')
    return LaunchDescription([
        DeclareLaunchArgument(
            'namespace', default_value='', description='Namespace of the node and its topics.'
        ),
        DeclareLaunchArgument('name', default_value='inference', description='Name of the node.'),
        DeclareLaunchArgument(
            'params_file',
            default_value=str(CONFIG / 'inference.yaml'),
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
            kwargs={'overrides': overrides, 'fixed': {'modality': modality} if modality else {}},
        ),
    ])


def _sensor(name: str, prefix: str = '') -> dict[str, Override]:
    """Return the arguments about one sensor."""
    kind = MODALITIES[name]
    return {
        f'{prefix}bundle': Override(
            f'Bundle for {name}: the name of a shipped one, or a path with a "/".',
            f'{name}.bundle',
        ),
        f'{prefix}topic': Override(f'Topic to take for {kind.topic}.', topic=kind.topic),
        **{
            f'{prefix}info_topic': Override(f'Topic to take for {topic}.', topic=topic)
            for topic in kind.info
        },
    }


def _start(
    context: LaunchContext, overrides: dict[str, Override], fixed: dict[str, str]
) -> list[Node]:
    values = context.launch_configurations
    if not Path(values['params_file']).is_file():
        raise ValueError(
            f'params_file "{values["params_file"]}" is no file: give the path of a YAML file'
        )
    given = {name: override for name, override in overrides.items() if values[name]}
    parameters = fixed | {
        override.parameter: ParameterValue(LaunchConfiguration(name), value_type=override.kind)
        for name, override in given.items() if override.parameter
    }
    return [
        Node(
            package='dcat_ros',
            executable='inference',
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
        )
    ]
