# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The example that shows activities in RViz: its node over topics, its configuration."""

from pathlib import Path
import subprocess
import sys

import activity_marker
from activity_marker import ActivityMarker, colour, GREY
from inference_fixture import DEADLINE, InferenceFixture
import pytest
from rclpy.parameter import Parameter
from tiny_bundles import write_bundle
from visualization_msgs.msg import Marker
import yaml

EXAMPLE = Path(activity_marker.__file__).parent


@pytest.fixture
def shown(context, tmp_path):
    """Play an IMU and the inference node and collect the markers of the example."""
    bundle = write_bundle(tmp_path / 'imu', 'imu')
    inference = InferenceFixture(context, modality='imu', **{'imu.bundle': str(bundle)})
    inference.markers = []
    inference.sensor_node.create_subscription(
        Marker, '/activity_marker/marker', inference.markers.append, 1000
    )
    node = ActivityMarker(
        context=context, parameter_overrides=[Parameter('lifetime', value=2.5)]
    )
    inference.executor.add_node(node)
    inference.node.autostart()
    inference.until(lambda: inference.subscribed_to('imu'))
    inference.until(lambda: inference.node._activity.get_subscription_count() == 2)
    yield inference
    inference.executor.remove_node(node)
    node.destroy_node()
    inference.close()


def newest(inference, text):
    """Return the newest marker, once it says something that begins so."""
    inference.until(lambda: inference.markers and inference.markers[-1].text.startswith(text))
    return inference.markers[-1]


def rgb(color):
    return color.r, color.g, color.b


def test_an_answer_becomes_a_text_at_its_sensor_that_silence_removes(shown):
    answer = shown.play(1.0)[-1]
    newest(shown, 'low')
    shown.until(lambda: shown.markers[-1].header.stamp == answer.header.stamp)
    marker = shown.markers[-1]
    assert marker.header.frame_id == 'imu_frame'
    assert (marker.type, marker.action) == (Marker.TEXT_VIEW_FACING, Marker.ADD)
    score = answer.results[0].score
    assert marker.text == f'low {100 * score:.0f} %'
    assert rgb(marker.color) == pytest.approx(rgb(colour(score)))
    assert (marker.lifetime.sec, marker.lifetime.nanosec) == (2, 500_000_000)
    assert marker.scale.z > 0
    assert {(each.ns, each.id) for each in shown.markers} == {('activity', 0)}


def test_unknown_is_grey(shown):
    shown.levels['imu'] = 9.8
    shown.play(1.0)
    marker = newest(shown, 'unknown')
    assert marker.text == 'unknown'
    assert rgb(marker.color) == pytest.approx(rgb(GREY))
    assert marker.color.a == 1.0


def test_a_silence_is_shown_where_the_sensor_was(shown):
    shown.play(1.0)
    newest(shown, 'low')
    shown.set(stale_timeout=0.5)
    marker = newest(shown, 'unknown')
    assert shown.received['activity'][-1].header.frame_id == ''
    assert marker.header.frame_id == 'imu_frame'


def test_colours_go_from_red_over_yellow_to_green():
    seen = [rgb(colour(score)) for score in (0.0, 0.5, 1.0)]
    assert seen == [(1.0, 0.0, 0.0), (1.0, 1.0, 0.0), (0.0, 1.0, 0.0)]


def test_rviz_is_told_the_topic_of_the_node():
    displays = yaml.safe_load((EXAMPLE / 'activity.rviz').read_text())['Visualization Manager']
    (marker,) = (
        each for each in displays['Displays'] if each['Class'] == 'rviz_default_plugins/Marker'
    )
    assert marker['Topic']['Value'] == '/activity_marker/marker'
    assert displays['Global Options']['Fixed Frame'] == 'wrist_imu'


def test_a_parameter_that_cannot_be_ends_the_program_with_one_sentence():
    ended = subprocess.run(
        [sys.executable, EXAMPLE / 'activity_marker.py', '--ros-args', '-p', 'lifetime:=-1.0'],
        capture_output=True, text=True, timeout=DEADLINE,
    )
    assert ended.returncode == 1
    assert 'error: ' in ended.stderr and 'lifetime' in ended.stderr
    assert 'Traceback' not in ended.stderr
