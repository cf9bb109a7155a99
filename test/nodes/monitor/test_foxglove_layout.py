# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The Foxglove layout against what the inference node really says."""

import json
import re

from dcat_ros.modalities import MODALITIES
from monitor_fixture import MonitorFixture
import pytest
from repository import ROOT
from tiny_bundles import write_bundle

LAYOUT = ROOT / 'config' / 'monitor' / 'foxglove_layout.json'
PANELS = {'Image', 'StateTransitions', 'Plot', 'DiagnosticSummary'}
PART = re.compile(
    r'\.(?P<name>\w+)(?:\[(?P<index>:|\d+)\])?(?:\{(?P<key>\w+)=="(?P<want>[^"]*)"\})?'
)


@pytest.fixture
def layout():
    return json.loads(LAYOUT.read_text(encoding='utf-8'))


def paths(layout):
    """Return topic and path of all series."""
    series = [
        each['value'] for panel in layout['configById'].values() for each in panel.get('paths', [])
    ]
    return [(value[:value.index('.')], value[value.index('.'):]) for value in series]


def values(message, path):
    """Return what a message path, as of Foxglove's documentation, finds in a message."""
    found = [message]
    assert PART.sub('', path) == '', path
    for part in PART.finditer(path):
        found = [getattr(each, part['name']) for each in found]
        if part['index'] == ':':
            found = [item for each in found for item in each]
        elif part['index']:
            found = [each[int(part['index'])] for each in found]
        if part['key']:
            found = [each for each in found if getattr(each, part['key']) == part['want']]
    return found


def leaves(tree):
    if isinstance(tree, str):
        return [tree]
    assert tree['direction'] in ('row', 'column') and 0 < tree['splitPercentage'] < 100
    return leaves(tree['first']) + leaves(tree['second'])


def test_every_panel_is_placed_once(layout):
    assert set(layout) == {
        'configById', 'globalVariables', 'userNodes', 'playbackConfig', 'layout'
    }
    assert sorted(leaves(layout['layout'])) == sorted(layout['configById'])
    assert {panel.partition('!')[0] for panel in layout['configById']} == PANELS


def test_every_path_finds_one_value_in_what_the_node_says(layout, context, tmp_path):
    bundle = str(write_bundle(tmp_path / 'tiny', 'imu'))
    monitored = MonitorFixture(context, **{'imu.bundle': bundle})
    try:
        monitored.play_until(lambda: monitored.received['activity'])
        monitored.play_until(lambda: monitored.status('activity').level == b'\x00')
        received = {
            '/inference/activity': monitored.received['activity'][-1],
            '/diagnostics': monitored.received['diagnostics'][-1],
        }
    finally:
        monitored.close()
    found = {path: values(received[topic], path) for topic, path in paths(layout)}
    assert all(len(each) == 1 for each in found.values()), found
    assert found['.results[0].class_id'] == ['low']
    assert found['.header.frame_id'] == ['imu_frame']
    texts = [each[0] for path, each in found.items() if path.startswith('.status')]
    assert texts[0] == 'tiny'
    assert all(float(text) >= 0.0 for text in texts[1:]), texts


def test_the_other_topics_are_those_of_the_nodes(layout):
    panels = layout['configById']
    assert panels['Image!camera']['imageMode']['imageTopic'] == f'/{MODALITIES["camera"].topic}'
    assert panels['DiagnosticSummary!all']['topicToRender'] == '/diagnostics'
