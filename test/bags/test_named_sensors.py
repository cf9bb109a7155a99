# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Several sensors of one modality in a bag, told apart by name."""

import json

from dcat_ros.bags import messages
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.sensors import modalities_in, modality_of
from dcat_ros.bags.windows import InputSpec, Recorded, topics_of, windows
from dcat_ros.modalities import create
import numpy as np
import pytest
from two_sensor_bag import IMU, imu_messages, label_messages, START, write

LEFT, RIGHT = '/left_wrist/imu/data', '/right_wrist/imu/data'
NOTES = json.dumps({
    LEFT: {'sensor': 'left_wrist', 'modality': 'imu'},
    RIGHT: {'sensor': 'right_wrist', 'modality': 'imu'},
})


def moved(topic, seconds=4, rate=50, offset=0):
    for stamp, _, message in imu_messages(seconds, rate):
        moved_to = stamp + offset
        message.header.stamp.sec, message.header.stamp.nanosec = divmod(moved_to, 10**9)
        yield stamp, topic, message


@pytest.fixture
def wrists(tmp_path):
    return write(
        tmp_path / 'wrists', moved(LEFT), moved(RIGHT, 3), label_messages((0, 'walk'), (3, '')),
        topics=NOTES,
    )


def cut(bag, **recorded):
    return list(windows(bag, InputSpec(IMU.modality, IMU.window, Recorded(**recorded))))


def test_each_sensor_of_a_modality_is_read_by_its_name(wrists):
    with BagReader(wrists) as reader:
        assert modalities_in(reader) == {'left_wrist': 'imu', 'right_wrist': 'imu'}
        assert topics_of(reader, IMU.modality, 'left_wrist') == [LEFT]
        assert topics_of(reader, IMU.modality, 'right_wrist') == [RIGHT]
    assert cut(wrists, name='left_wrist')[-1].end > cut(wrists, name='right_wrist')[-1].end


def test_without_a_name_the_choice_between_two_is_refused_with_the_names(wrists):
    with BagReader(wrists) as reader, pytest.raises(BagError) as error:
        topics_of(reader, IMU.modality)
    assert 'choose one of the sensors left_wrist, right_wrist by its name' in str(error.value)


def test_an_unknown_name_is_refused_with_those_that_there_are(wrists):
    with BagReader(wrists) as reader, pytest.raises(BagError) as error:
        topics_of(reader, IMU.modality, 'hip')
    assert 'has no hip topic' in str(error.value)
    assert f'left_wrist ({LEFT}), right_wrist ({RIGHT})' in str(error.value)
    with BagReader(wrists) as reader, pytest.raises(BagError, match='has no sensor hip'):
        modality_of(reader, 'hip')


def test_the_path_of_a_topic_names_a_sensor_where_nobody_noted_it(tmp_path):
    bag = write(tmp_path / 'bag', moved(LEFT), moved(RIGHT), label_messages((0, 'walk')))
    with BagReader(bag) as reader:
        assert topics_of(reader, IMU.modality, 'right_wrist') == [RIGHT]
        assert modality_of(reader, 'right_wrist') == 'imu'
        assert modalities_in(reader) == {'imu': 'imu'}
        with pytest.raises(BagError, match='choose one by a name in its path'):
            topics_of(reader, IMU.modality)


def test_a_single_sensor_is_the_default_one_whatever_its_name(tmp_path):
    bag = write(tmp_path / 'bag', moved(LEFT), topics=json.dumps({LEFT: {'sensor': 'left_wrist'}}))
    with BagReader(bag) as reader:
        assert topics_of(reader, IMU.modality) == [LEFT]
        assert modalities_in(reader) == {'left_wrist': 'imu'}


def test_the_audio_info_beside_a_microphone_describes_it(tmp_path):
    silence = np.zeros(160, np.int16)

    def microphone(name):
        yield START, f'/{name}/audio/audio_info', messages.audio_info(1, 16000)
        yield START, f'/{name}/audio/audio_stamped', messages.audio(START, 'mic', silence)

    bag = write(tmp_path / 'bag', microphone('ceiling'), microphone('table'))
    with BagReader(bag) as reader:
        assert topics_of(reader, create('audio', {}), 'table') == [
            '/table/audio/audio_stamped', '/table/audio/audio_info'
        ]


def test_the_clock_of_a_sensor_is_corrected(tmp_path):
    ahead = write(
        tmp_path / 'ahead', moved('/imu/data', offset=250_000_000),
        label_messages((0, 'walk'), (3, '')),
    )
    right = write(tmp_path / 'right', moved('/imu/data'), label_messages((0, 'walk'), (3, '')))
    corrected, expected = cut(ahead, clock_offset=0.25), cut(right)
    assert [(each.start, each.end, each.label) for each in corrected] == [
        (each.start, each.end, each.label) for each in expected
    ]
    assert all(
        (one.inputs == other.inputs).all()
        for one, other in zip(corrected, expected, strict=True)
    )
