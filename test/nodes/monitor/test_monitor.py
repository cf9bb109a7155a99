# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The monitor over real topics: the inference node, its sensors and other nodes beside it."""


from dcat_ros.nodes.monitor.statuses import STALE
from dcat_ros.nodes.recorder.node import RecorderNode
from dcat_ros.nodes.trainer.node import TrainerNode
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from monitor_fixture import MonitorFixture
import pytest
from rclpy.qos import qos_profile_sensor_data
from tiny_bundles import write_bundle
from vision_msgs.msg import Classification


@pytest.fixture(scope='module')
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bundles')
    return {
        f'{name}.bundle': str(write_bundle(folder / name, name)) for name in ('imu', 'camera')
    }


@pytest.fixture
def monitored(context, bundles):
    theatres = []

    def build(**parameters):
        theatres.append(MonitorFixture(context, **{**bundles, **parameters}))
        return theatres[-1]

    yield build
    for each in theatres:
        each.close()


def test_answers_and_sensors_are_seen_without_listening_to_a_sensor(monitored):
    monitored = monitored()
    monitor = monitored.add_monitor()
    monitored.play_until(lambda: monitor.reported('activity'))
    monitored.levels['imu'] = 30.0
    monitored.play_until(lambda: len(monitor.reported('activity')) == 2)
    for text, label in zip(monitor.reported('activity'), ('low', 'high'), strict=True):
        assert text.startswith(f'{label}  score ') and text.endswith('  frame imu_frame')
    history = monitor.state.history
    newest = history.newest
    assert {cell.label for cell in history.cells(newest.arrival) if cell} <= {'low', 'high'}
    assert history.cells(newest.arrival)[-1] is not None
    assert all(abs(latency) < 1.0 for latency in history.latencies(newest.arrival))
    monitored.play_until(lambda: [
        (entry.status.name, entry.status.values['rate_hz'], entry.silent_since)
        for entry in monitor.state.statuses.sensors
    ] == [('inference: imu', '50.0', None)])
    assert monitored.publishers['imu'].get_subscription_count() == 1
    assert monitored.publishers['camera'].get_subscription_count() == 0
    assert monitor.reported('clock', 'problem', 'swap') == []


def test_swaps_are_seen_on_label_info_and_in_the_diagnostics(monitored, bundles):
    monitored = monitored()
    monitor = monitored.add_monitor()
    monitored.play_until(lambda: len(monitor.reported('model')) == 2)
    assert set(monitor.reported('model')) == {
        'imu on imu', '2 classes (low, high), threshold 0.60'
    }
    expected = set()
    for parameters, texts in (
        ({'modality': 'camera'}, {'frame imu_frame -> camera_frame',
                                  'imu on imu -> camera on camera'}),
        ({'threshold': 0.25}, {'threshold 0.60 -> 0.25'}),
        ({'camera__bundle': bundles['camera.bundle']}, {'camera on camera, loaded again'}),
    ):
        assert monitored.set(**parameters) == ''
        expected.update(texts)
        monitored.play_until(lambda: expected <= set(monitor.reported('swap')))
    assert len(monitor.reported('swap')) == len(expected)
    assert [event.text for event in monitor.state.recent_events if event.kind == 'swap'] == (
        monitor.reported('swap')
    )


def test_who_comes_late_hears_of_the_model_at_once(monitored):
    monitored = monitored()
    monitored.play_until(lambda: monitored.received['label_info'])
    monitor = monitored.add_monitor()
    monitored.until(lambda: len(monitor.reported('model')) == 2)
    assert '2 classes (low, high), threshold 0.60' in monitor.reported('model')
    assert monitor.reported('activity', 'swap') == []


def test_a_node_that_is_not_there_is_waited_for_in_words(monitored):
    monitored = monitored()
    monitor = monitored.add_monitor('/robot/inference')
    monitored.until(lambda: monitor.reported('waiting') and monitor.reported('waiting')[-1] == (
        'waiting for /robot/inference on /robot/inference/activity (0 publishers), '
        '/robot/inference/label_info (0 publishers), /diagnostics (1 publisher): start it, or '
        'name another node by --node'
    ))
    monitored.until(lambda: monitor.state.statuses.others)
    assert monitor.reported('node', 'activity', 'model') == []


def test_a_restart_is_seen_and_no_swap(monitored):
    monitored = monitored()
    monitor = monitored.add_monitor()
    monitored.play_until(
        lambda: len(monitor.reported('model')) == 2 and monitor.reported('activity')
    )
    monitored.restart()
    monitored.play_until(lambda: len(monitor.reported('model')) == 4)
    assert monitor.reported('node')[0] == '/inference is there'
    assert monitor.reported('node')[-1] == '/inference restarted'
    assert monitor.reported('swap') == []
    monitored.until(lambda: not monitor.state.notices['waiting'])


def test_a_silent_sensor_changes_the_level_and_is_counted_as_silent(monitored):
    monitored = monitored(stale_timeout=1.0)
    monitor = monitored.add_monitor()
    monitored.play_until(lambda: any(
        'inference: imu: ' in text and 'OK: receiving at' in text
        for text in monitor.reported('diagnostics')
    ))
    monitored.until(lambda: any(
        text.startswith('inference: imu: OK -> WARN: publishers, but no ')
        for text in monitor.reported('diagnostics')
    ))
    monitored.until(lambda: monitor.reported('activity')[-1] == (
        'unknown  score 1.00  latency -  frame -'
    ))
    (entry,) = monitor.state.statuses.sensors
    assert entry.silent_since is not None
    assert any(text.startswith('inference: activity: OK -> WARN: imu: no usable sample')
               for text in monitor.reported('diagnostics'))


def test_several_nodes_are_heard_and_one_that_ends_is_stale(monitored):
    monitored = monitored()
    foreign = monitored.sensor_node.create_publisher(DiagnosticArray, '/diagnostics', 10)
    monitor = monitored.add_monitor()
    monitored.invite(TrainerNode)
    recorder = monitored.invite(RecorderNode)
    monitored.until(lambda: foreign.get_subscription_count() == 2)
    foreign.publish(DiagnosticArray(status=[
        DiagnosticStatus(name='camera_driver: usb', hardware_id='camera', level=b'\x02')
    ]))

    def levels():
        return {entry.status.name: entry.level for entry in monitor.state.statuses.others}

    monitored.until(lambda: levels().keys() >= {'recorder: session', 'trainer: training'})
    monitored.dismiss(recorder)
    monitored.until(lambda: levels()['recorder: session'] == STALE)
    assert levels() == {
        'inference: activity': 1, 'inference: audio': 0, 'recorder: session': STALE,
        'trainer: training': 0,
    }
    assert monitor.reported('diagnostics')[-1] == (
        'recorder: session: WARN -> STALE: nothing for 5 s'
    )


def test_what_is_wrong_with_clock_answers_and_qos_is_said(monitored):
    monitored = monitored()
    monitor = monitored.add_monitor(use_sim_time=False)
    monitored.play_until(lambda: monitor.reported('clock'))
    (text,) = monitor.reported('clock')
    assert 'behind this clock' in text and 'use_sim_time' in text
    empty = monitored.sensor_node.create_publisher(Classification, '/inference/activity', 1)
    monitored.until(lambda: empty.get_subscription_count() == 2)
    empty.publish(Classification())
    monitored.until(lambda: monitor.reported('problem') == [
        '/inference/activity carries an answer without a class'
    ])
    monitored.sensor_node.create_publisher(
        DiagnosticArray, '/diagnostics', qos_profile_sensor_data
    )
    monitored.until(lambda: '/diagnostics do not match in QoS' in monitor.reported('problem')[-1])
