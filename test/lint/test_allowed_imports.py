# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Imports go one way: the table in CONTRIBUTING.md says what each room may import."""

import ast
import re

import pytest
from repository import ROOT

PACKAGE = ROOT / 'dcat_ros'
TRAINING = {'torch', 'lightning', 'torchmetrics', 'sklearn', 'onnx', 'pandas', 'statsmodels'}
ROS = {'rclpy', 'launch', 'launch_ros', 'message_filters', 'rcl_interfaces', 'sensor_msgs',
       'std_msgs', 'std_srvs', 'vision_msgs', 'hri_msgs', 'diagnostic_msgs', 'audio_common_msgs'}


def allowed_imports():
    """Return, by room, the rooms and the kinds of outside packages that it may import."""
    text = (ROOT / 'CONTRIBUTING.md').read_text()
    rows = re.findall(r'^\| `([\w/]+)` \|[^|]*\|([^|]*)\|([^|]*)\|$', text, re.MULTILINE)
    return {
        room: (set(re.findall(r'`([\w/]+)`', rooms)), set(re.findall(r'\w+', outside)))
        for room, rooms, outside in rows
    }


ALLOWED = allowed_imports()


def room_of(module):
    """Return the room of a module such as ``dcat_ros.nodes.common.qos``."""
    parts = module.split('.')[1:]
    deep = '/'.join(parts[:2])
    return deep if deep in ALLOWED else parts[0]


def imports():
    """Yield (file, room, imported module) of each import, also of those inside functions."""
    for path in sorted(PACKAGE.rglob('*.py')):
        module = '.'.join(path.relative_to(ROOT).with_suffix('').parts)
        if module == 'dcat_ros.__init__':
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f'{path} has a relative import'
                names = [node.module]
                if node.module == 'dcat_ros':
                    names = [f'dcat_ros.{each.name}' for each in node.names]
            for name in names:
                yield path.relative_to(PACKAGE), room_of(module), name


IMPORTS = list(imports())


def test_every_room_stands_in_the_table():
    found = {room for _, room, _ in IMPORTS}
    assert found <= set(ALLOWED)


@pytest.mark.parametrize('room', ALLOWED)
def test_a_room_imports_what_the_table_allows_and_nothing_else(room):
    used = {
        room_of(name) for _, user, name in IMPORTS if user == room and name.startswith('dcat_ros.')
    }
    assert used - {room} == ALLOWED[room][0]


@pytest.mark.parametrize('room', ALLOWED)
def test_outside_packages_stay_in_their_rooms(room):
    packages = {name.split('.')[0] for _, user, name in IMPORTS if user == room}
    used = {kind for kind, known in (('ROS', ROS), ('torch', TRAINING)) if packages & known}
    assert used == ALLOWED[room][1]


def test_the_table_goes_downwards():
    rooms = list(ALLOWED)
    for room, (others, _) in ALLOWED.items():
        assert all(rooms.index(other) > rooms.index(room) for other in others), room
