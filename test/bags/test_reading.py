# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Reading bags back: the live node's windows with their labels."""

import subprocess
import sys
import tracemalloc

from dcat_ros.bags import messages
from dcat_ros.bags.labels import Interval
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.windows import InputSpec, interval_of, SampleReader, windows
from dcat_ros.bags.writer import BagWriter
from dcat_ros.modalities import create
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import load
from dcat_ros.training.progress import SilentReporter
from dcat_ros.windows import Window, WindowSpec
import numpy as np
import pytest
from test_same_bytes_same_windows import SHAPES
from two_sensor_bag import (
    camera_messages,
    IMU,
    imu_messages,
    label_messages,
    SECOND,
    START,
    write,
)


@pytest.fixture(scope='module')
def labelled_bag(tmp_path_factory):
    return write(
        tmp_path_factory.mktemp('labelled') / 'bag',
        imu_messages(6),
        label_messages((1, 'walk'), (3, ''), (4, 'sit')),
    )


def test_windows_have_the_label_whose_interval_contains_them(labelled_bag):
    intervals = {'walk': (1, 3), 'sit': (4, 7)}
    read = list(windows(labelled_bag, IMU))
    assert len(read) == 56
    for window in read:
        first, last = ((stamp - START) / SECOND for stamp in (window.start, window.end))
        within = [name for name, (a, b) in intervals.items() if a - 0.01 <= first and last < b]
        assert [window.label] == (within or [''])
        assert window.group == 'ada'
        assert window.arrival == window.end
    assert {window.label for window in read} == {'', 'walk', 'sit'}
    chosen = list(windows(labelled_bag, IMU, labelled=True))
    assert [x.end for x in chosen] == [x.end for x in read if x.label]


def test_groups_of_clips_come_before_the_subject(tmp_path):
    bag = write(
        tmp_path / 'bag', imu_messages(3), label_messages((0, 'walk'), (1, ''), (2, 'sit')),
        clip_groups='["one", "two"]',
    )
    found = {(window.label, window.group) for window in windows(bag, IMU)}
    assert found == {('walk', 'one'), ('', 'ada'), ('sit', 'two')}


@pytest.mark.parametrize(('start', 'end', 'inside'), [
    (100, 199, True), (100, 200, False), (95, 199, True), (94, 199, False), (201, 220, False),
])
def test_a_window_may_begin_half_a_sample_before_its_label(start, end, inside):
    spec = WindowSpec(duration=1.0, rate=1e8, stride=1.0, max_gap=1.0)
    intervals = [Interval('walk', 100, 200), Interval('sit', 300, 400)]
    window = Window(start, end, np.zeros(1, np.float32), 0.0, False)
    assert (interval_of(window, spec, intervals) is intervals[0]) == inside


def test_training_uses_the_labelled_windows(labelled_bag):
    texts = dict.fromkeys(('title', 'data', 'bags', 'licence', 'intended_use', 'limits'), '')
    config = Config(
        'tiny', 'imu', IMU.window, fit=None, protocol=None, card=texts, classes=['sit', 'walk']
    )
    data = load([labelled_bag], config, labelled_bag.with_name('cache'), SilentReporter())
    read = list(windows(labelled_bag, IMU, labelled=True))
    assert [data.clips[number].label for number in data.live.clips] == [x.label for x in read]
    inputs = data.live.inputs(range(len(data.live)))
    assert all(map(np.array_equal, inputs, (x.inputs for x in read)))


def sound(topic, rate):
    info = topic.replace('stamped', 'info')
    yield START, info, messages.audio_info(1, rate)
    for index in range(100):
        stamp = START + index * SECOND // 50
        samples = np.full(rate // 50, index, np.int16)
        yield stamp, topic, messages.audio(stamp, 'microphone', samples)


AUDIO = InputSpec(create('audio', {}), SHAPES['audio'])


def test_the_audio_info_of_another_microphone_is_ignored(tmp_path):
    own = sound('/audio/audio_stamped', 16000)
    bag = write(tmp_path / 'bag', sound('/wall/audio_stamped', 48000), own)
    alone = write(tmp_path / 'alone', sound('/audio/audio_stamped', 16000))
    both, single = (list(windows(path, AUDIO)) for path in (bag, alone))
    assert len(single) > 10
    assert [x.inputs.tobytes() for x in both] == [x.inputs.tobytes() for x in single]


def test_two_microphones_without_the_default_name_are_refused(tmp_path):
    bag = write(tmp_path / 'bag', sound('/left/audio_stamped', 8000),
                sound('/right/audio_stamped', 8000))
    with pytest.raises(BagError, match=r'/left.*, /right.*: name the one .* /audio/audio_stamped'):
        next(windows(bag, AUDIO))


def with_invalid_messages(stream, period):
    for index, (arrival, topic, message) in enumerate(stream):
        if index % period == 0:
            message = messages.imu(0, 'wrist', np.ones(6))
        yield arrival, topic, message


def test_refused_messages_are_counted_with_the_first_reason(tmp_path):
    bag = write(tmp_path / 'bag', with_invalid_messages(imu_messages(2), 10))
    with BagReader(bag) as reader:
        samples = SampleReader(reader, IMU.modality)
        for _ in range(2):
            assert len(list(samples)) == 90
            assert (samples.decoded, samples.refused) == (90, 10)
            assert 'stamp is 0' in samples.reason


def test_a_sensor_without_a_readable_message_is_an_error(tmp_path):
    bag = write(tmp_path / 'bag', with_invalid_messages(imu_messages(1), 1), camera_messages(1))
    with pytest.raises(BagError, match=r'no readable message on /imu/data: header\.stamp is 0'):
        list(windows(bag, IMU))


def test_bags_are_read_without_ros_and_without_torch():
    code = (
        'import sys, dcat_ros.bags.window_cache; '
        'print([name for name in ("rclpy", "torch") if name in sys.modules])'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert done.stdout == '[]\n'


def peak_of(bag, read):
    tracemalloc.start()
    try:
        assert sum(1 for _ in read(bag)) > 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope='module')
def vga_bags(tmp_path_factory):
    folder = tmp_path_factory.mktemp('vga')
    black = np.zeros((480, 640, 3), np.uint8)
    bags = []
    for seconds in (10, 40):
        bags.append(folder / f'{seconds}s')
        with BagWriter(bags[-1]) as writer:
            for stamp, topic, message in imu_messages(seconds):
                writer.write(topic, message, stamp)
                if stamp % (SECOND // 5) == 0:
                    image = messages.image(stamp, 'camera', 'bgr8', black)
                    writer.write('/camera/image_raw', image, stamp)
    return bags


SMALL = InputSpec(create('camera', {'height': 12, 'width': 16}), WindowSpec(1.0, 5.0, 0.2, 0.5))


def test_memory_does_not_grow_with_the_bag(vga_bags):
    short, long = (peak_of(bag, lambda bag: windows(bag, SMALL)) for bag in vga_bags)
    assert long < short + 2**20
