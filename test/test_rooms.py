# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The rooms of the house: what each may import, so that imports go one way, downwards."""

import ast
from pathlib import Path

import dcat_ros
import pytest

HOUSE = Path(dcat_ros.__file__).parent
ROOMS = (
    'arguments', 'modalities', 'windows', 'bags', 'bundles', 'inference', 'labelling', 'recording',
    'reports', 'simulation', 'method', 'training', 'commands', 'launch_arguments', 'nodes',
    'launching', 'demo', 'licence',
)
"""From the ground up: each imports only from those before it."""
CLOSED_TO_TORCH = set(ROOMS) - {'method', 'training'}
OPEN_TO_ROS = {'nodes', 'launching', 'demo'}
TORCH = {'torch', 'lightning', 'torchmetrics', 'sklearn', 'onnx'}
ROS = {'rclpy', 'launch', 'launch_ros', 'message_filters', 'rcl_interfaces', 'sensor_msgs',
       'std_msgs', 'std_srvs', 'vision_msgs', 'diagnostic_msgs', 'audio_common_msgs'}


def imports(room):
    """Return (file, module) of each import in a room, also of those inside functions."""
    place = HOUSE / room
    files = sorted(place.rglob('*.py')) if place.is_dir() else [place.with_suffix('.py')]
    found = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {(path.name, each.name) for each in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f'{path} has a relative import'
                found |= {(path.name, node.module), *(
                    (path.name, f'{node.module}.{each.name}') for each in node.names
                    if node.module == 'dcat_ros'
                )}
    return found


def test_every_room_has_its_place():
    there = {path.stem for path in HOUSE.iterdir() if path.name[0] not in '_.'}
    assert there == set(ROOMS)


@pytest.mark.parametrize('room', ROOMS)
def test_a_room_imports_only_from_those_below_it(room):
    above = ROOMS[ROOMS.index(room) + 1:]
    assert not {
        (name, module) for name, module in imports(room)
        if module.startswith('dcat_ros.') and module.split('.')[1] in above
    }


@pytest.mark.parametrize('room', sorted(CLOSED_TO_TORCH))
def test_torch_stays_in_method_and_training(room):
    assert not {each for each in imports(room) if each[1].split('.')[0] in TORCH}


@pytest.mark.parametrize('room', sorted(set(ROOMS) - OPEN_TO_ROS))
def test_ros_stays_in_the_nodes(room):
    assert not {each for each in imports(room) if each[1].split('.')[0] in ROS}


def test_the_method_stands_alone():
    assert not {
        each for each in imports('method')
        if each[1].startswith('dcat_ros.') and not each[1].startswith('dcat_ros.method')
    }
