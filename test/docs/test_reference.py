# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The reference: as the code says, and complete."""

import ast
import json
import re
import subprocess
import sys

from dcat_ros import bags
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.writer import BagWriter, Clip, write_clips
from dcat_ros.modalities import MODALITIES
from dcat_ros.share import defaults
import pytest
from recorder_fixture import IMU, imu, RecorderFixture
from repository import ROOT

REFERENCE = ROOT / 'docs' / 'reference.md'


@pytest.fixture(scope='module')
def reference():
    return REFERENCE.read_text(encoding='utf-8')


def test_the_reference_is_what_the_code_says(reference):
    made = subprocess.run(
        [sys.executable, ROOT / 'scripts' / 'reference.py'], stdout=subprocess.PIPE, check=True
    ).stdout.decode()
    assert made == reference, 'run `python scripts/reference.py > docs/reference.md`'


def test_every_program_is_in_it(reference):
    setup = ast.parse((ROOT / 'setup.py').read_text(encoding='utf-8'))
    names = next(
        ast.literal_eval(each.value) for each in setup.body
        if isinstance(each, ast.Assign) and each.targets[0].id == 'PROGRAMS'
    )
    lacking = [name for name in names if not re.search(rf'^### dcat {name}\b', reference, re.M)]
    assert lacking == ['dcat']


@pytest.mark.parametrize('node', ['inference', 'recorder', 'trainer', 'simulate'])
def test_every_parameter_of_a_node_is_in_its_section(reference, node):
    section = reference.partition(f'\n### {node}\n')[2].partition('\n##')[0]
    for name, default in defaults(node).items():
        line = next(line for line in section.splitlines() if line.startswith(f'| `{name}` |'))
        shown = f'`{default}`' if isinstance(default, str) else f'`{json.dumps(default)}`'
        assert default == '' or shown in line


def test_every_topic_of_a_sensor_is_in_it(reference):
    for kind in MODALITIES.values():
        for name in (kind.topic, *kind.message_types, *kind.info, *kind.info.values()):
            assert f'`{name}`' in reference


def reported(key):
    return f'`{key}`' in bags.__doc__


def test_all_that_the_recorder_says_of_its_bag_is_told(context, tmp_path):
    fixture = RecorderFixture(context, tmp_path, sensors=['imu', 'camera'])
    try:
        fixture.offer(IMU)
        assert fixture.call('start')[0]
        fixture.send(IMU, imu(1_700_000_000_000_000_000))
        fixture.wait_until_received(IMU)
        assert fixture.call('stop')[0]
    finally:
        fixture.close()
    with BagReader(tmp_path / 's1_one') as bag:
        custom = bag.custom
    topic, pair = json.loads(custom['topics'])[IMU], json.loads(custom['pairing'])[0]
    assert [key for key in (*custom, *topic, *pair) if not reported(key)] == []


def test_all_that_clips_add_to_a_bag_is_told(tmp_path):
    with BagWriter(tmp_path / 'bag', {'subject': 's1'}) as writer:
        write_clips(writer, [Clip('walk1', 'walk', 's1', 10**9, lambda start: [])], 10**18)
    with BagReader(tmp_path / 'bag') as bag:
        custom = bag.custom
    assert 'clips' in custom
    assert [key for key in custom if not reported(key)] == []
