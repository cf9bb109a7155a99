# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Start the speed controller beside an inference node that runs already."""

from pathlib import Path
import sys

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

HERE = Path(__file__).resolve().parent
NAME = 'speed_controller'
ARGUMENTS = {
    'params_file': (str(HERE / f'{NAME}.yaml'), 'YAML file with the parameters of the node.'),
    'inference': ('/inference', 'Full name of the inference node.'),
    'use_sim_time': ('false', 'Whether to take the time from /clock.'),
    'namespace': ('', 'Namespace of the node and its topics.'),
}


def generate_launch_description() -> LaunchDescription:
    """Return the speed controller with its launch arguments."""
    given = {name: LaunchConfiguration(name) for name in ARGUMENTS}
    return LaunchDescription([
        *(
            DeclareLaunchArgument(name, default_value=default, description=description)
            for name, (default, description) in ARGUMENTS.items()
        ),
        Node(
            executable=sys.executable,
            arguments=[str(HERE / f'{NAME}.py')],
            name=NAME,
            namespace=given['namespace'],
            parameters=[
                given['params_file'],
                {name: given[name] for name in ('inference', 'use_sim_time')},
            ],
            output='screen',
        ),
    ])
