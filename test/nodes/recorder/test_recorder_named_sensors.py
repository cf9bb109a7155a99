# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Several sensors of one modality by name: recorded, noted in the bag, and judged one by one."""

import json
import time

from dcat_ros.bags import messages
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.sensors import modalities_in
from dcat_ros.commands import annotate
from dcat_ros.commands import bag as bag_command
from dcat_ros.nodes.replay import Replay
from dcat_ros.reports.build import build_report
from dcat_ros.reports.verdict import judge
import numpy as np
from plausible_imu import AT_REST
import pytest
from rclpy.parameter import Parameter
from recorder_fixture import contents, image, LABEL, reported, serialised, TYPES

SECOND = 10**9
LEFT, RIGHT = '/l/imu', '/right_wrist/imu/data'
DOOR, WINDOW = '/door/image', '/window/camera/image_raw'
TOPICS = {'left_wrist': LEFT, 'right_wrist': RIGHT, 'door': DOOR, 'window': WINDOW}
MODALITIES = {'left_wrist': 'imu', 'right_wrist': 'imu', 'door': 'camera', 'window': 'camera'}
SENSORS = {
    'sensors': [*TOPICS],
    **{f'{name}.modality': modality for name, modality in MODALITIES.items()},
    'left_wrist.topic': LEFT, 'door.topic': DOOR,
}
KINDS = {LEFT: 'sensor_msgs/msg/Imu', RIGHT: 'sensor_msgs/msg/Imu',
         DOOR: 'sensor_msgs/msg/Image', WINDOW: 'sensor_msgs/msg/Image'}


def imu_of(stamp, factor=1.0):
    return serialised(messages.imu(stamp, 'wrist', AT_REST * factor))


@pytest.fixture
def bag(fixture, tmp_path):
    """Return a bag of two IMUs, of which the right one is in g, and of two cameras."""
    recorder = fixture(**SENSORS)
    for topic, kind in KINDS.items():
        recorder.offer(topic, kind)
    recorder.offer(LABEL)
    assert recorder.call('start')[0]
    first = time.time_ns() - 2 * SECOND
    rng = np.random.default_rng(0)
    for index in range(400):
        stamp = first + index * SECOND // 100
        recorder.send(LEFT, imu_of(stamp))
        recorder.send(RIGHT, imu_of(stamp, 1 / 9.80665))
        if index % 10 == 0:
            recorder.send(DOOR, image(stamp, rng=rng))
            recorder.send(WINDOW, image(stamp, rng=rng))
        if index == 200:
            recorder.send(LABEL, serialised(messages.text('walk')))
        if index % 20 == 0:
            recorder.wait_until_received(LEFT, RIGHT)
    recorder.wait_until_received()
    for name, topic in TOPICS.items():
        status = recorder.status(name)
        assert {pair.key: pair.value for pair in status.values}['topic'] == topic
    recorder.until(lambda: recorder.recorded_topic(RIGHT).plausibility.problem)
    assert recorder.recorded_topic(LEFT).plausibility.problem == ''
    assert recorder.call('stop')[0]
    bag = tmp_path / 'out' / 's1_one'
    assert contents(bag).keys() == {*KINDS, LABEL}
    assert {topic: contents(bag)[topic] for topic in KINDS} == {
        topic: recorder.sent[topic] for topic in KINDS
    }
    return bag


def test_the_bag_names_each_sensor_and_the_report_judges_each(bag, context, capsys):
    custom = reported(bag)
    assert {facts['sensor']: (topic, facts['modality'])
            for topic, facts in custom['topics'].items() if facts['sensor']} == {
        name: (TOPICS[name], MODALITIES[name]) for name in TOPICS
    }
    assert {tuple(sorted(pair['topics'])) for pair in custom['pairing']} == {
        tuple(sorted(pair)) for pair in
        ((LEFT, RIGHT), (LEFT, DOOR), (LEFT, WINDOW), (RIGHT, DOOR), (RIGHT, WINDOW),
         (DOOR, WINDOW))
    }
    with BagReader(bag) as reader:
        assert modalities_in(reader) == MODALITIES
        assert {name: reader.sensors[name] for name in TOPICS} == TOPICS

    report = build_report(bag)
    assert [(topic.sensor, topic.modality, topic.title) for topic in report.sensors] == [
        (name, MODALITIES[name], f'{name} ({TOPICS[name]})') for name in TOPICS
    ]
    assert report.unreadable == {}
    assert {strip.topic for strip in report.strips} == {DOOR, WINDOW}
    assert set(report.implausible) & {LEFT, RIGHT} == {RIGHT}
    findings = [str(finding) for finding in judge(report).findings]
    assert any('right_wrist (/right_wrist/imu/data): ' in each and ' g' in each
               for each in findings)
    assert not any('left_wrist (/l/imu): ' in each for each in findings)

    assert bag_command.main(['report', str(bag)]) == 2
    document = json.loads((bag / 'report.json').read_text())
    assert {name: topic['sensor'] for name, topic in document['topics'].items()
            if topic['sensor']} == {topic: name for name, topic in TOPICS.items()}
    page = (bag / 'report.html').read_text()
    assert all(f'{name} ({topic})' in page for name, topic in TOPICS.items())
    capsys.readouterr()
    assert annotate.main([str(bag)]) == 0
    assert ',walk' in capsys.readouterr().out
    player = Replay(bag, rate=100.0, context=context)
    assert player.play() == sum(len(rows) for rows in contents(bag).values())
    player.destroy_node()


def test_sensors_are_added_and_removed_between_sessions(fixture, tmp_path):
    recorder = fixture(sensors=['imu'])
    assert recorder.set(**{'left_wrist.modality': 'imu'}) == ''
    assert recorder.set(**{'left_wrist.topic': LEFT}) == ''
    assert recorder.set(sensors=['left_wrist']) == ''
    recorder.offer(LEFT, KINDS[LEFT])
    assert recorder.call('start')[0]
    assert recorder.set(**{'door.modality': 'camera'}) == (
        'door.modality cannot change while a session runs: call ~/stop first'
    )
    assert not recorder.recorder.has_parameter('door.modality')
    recorder.send(LEFT, imu_of(time.time_ns()))
    recorder.wait_until_received()
    assert recorder.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == {LEFT: recorder.sent[LEFT]}
    assert recorder.set(**{'left_wrist.topic': ''}) == ''
    recorder.until(lambda: recorder.publishers[LEFT].get_subscription_count() == 0)
    assert [topic.name for topic in recorder.recorder.recorded_topics] == [
        LABEL, '/left_wrist/imu/data',
    ]
    assert recorder.set(sensors=['imu']) == ''
    assert [topic.name for topic in recorder.recorder.recorded_topics] == [LABEL, '/imu/data']


@pytest.mark.parametrize(('given', 'reason'), [
    ({'sensors': ['door']}, 'sensors has "door", expected imu, camera, audio, skeleton, or a '
     'name with a modality: set door.modality'),
    ({'sensors': ['door'], 'door.modality': 'radar'},
     'door.modality is "radar", expected imu, camera, audio, skeleton'),
    ({'sensors': ['session'], 'session.modality': 'imu'},
     'sensors has "session", which is a parameter: choose another name'),
    ({'sensors': ['imu', 'wrist'], 'wrist.modality': 'imu', 'wrist.topic': 'imu/data'},
     'imu and wrist are both on /imu/data: set wrist.topic'),
])
def test_sensors_that_cannot_be_recorded_are_refused(fixture, given, reason):
    recorder = fixture(sensors=['imu'])
    assert recorder.set(**given) == reason
    assert [parameter for parameter in ('door.modality', 'session.modality', 'wrist.topic')
            if recorder.recorder.has_parameter(parameter)] == []
    changes = [Parameter('door.topik', value='/x')]
    (result,) = recorder.recorder.set_parameters(changes)
    assert not result.successful
    assert result.reason.startswith('door.topik is no parameter, expected NAME.SETTING of a senso')


def test_the_sound_of_two_microphones_has_two_formats(fixture, tmp_path):
    """Each microphone has its AudioInfo beside it, or where a parameter says."""
    recorder = fixture(sensors=['desk', 'bed'], **{
        'desk.modality': 'audio', 'bed.modality': 'audio', 'bed.topic': '/b/sound',
    })
    sounds = ('/desk/audio/audio_stamped', '/b/sound')
    infos = ('/desk/audio/audio_info', '/b/audio_info')
    for topic, info, rate in zip(sounds, infos, (16000, 8000), strict=True):
        recorder.offer(topic, TYPES['/audio/audio_stamped'])
        recorder.offer(info, TYPES['/audio/audio_info'])
        recorder.send(info, serialised(messages.audio_info(1, rate)))
    recorder.wait_until_received()
    assert recorder.call('start')[0]
    for index in range(20):
        for topic in sounds:
            stamp = time.time_ns()
            recorder.send(topic, serialised(
                messages.audio(stamp, 'room', np.arange(index, 160 + index, dtype=np.int16))
            ))
        recorder.wait_until_received(*sounds)
    assert recorder.call('stop')[0]
    bag = tmp_path / 'out' / 's1_one'
    assert contents(bag) == recorder.sent
    report = build_report(bag)
    assert [topic.sensor for topic in report.sensors] == ['bed', 'desk']
    assert report.unreadable == {}
