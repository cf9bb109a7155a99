# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The same bytes give the same windows, whoever deserialises them: rclpy live, rosbags in bags."""

import cv2
from dcat_ros.bags import messages
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.types import typestore
from dcat_ros.bags.windows import InputSpec, windows
from dcat_ros.bags.writer import BagWriter
from dcat_ros.modalities import create
from dcat_ros.nodes.common.messages import message_class
from dcat_ros.windows import Stream, WindowSpec
import numpy as np
import pytest
from rclpy.serialization import deserialize_message

START = 1_700_000_000_123_456_789
SHAPES = {
    'imu': WindowSpec(duration=0.5, rate=50.0, stride=0.1, max_gap=0.2),
    'camera': WindowSpec(duration=0.5, rate=15.0, stride=0.1, max_gap=0.5),
    'audio': WindowSpec(duration=0.5, rate=16000.0, stride=0.1, max_gap=0.2),
}


def times(rate):
    """One second of stamps with the jitter that real ones have."""
    jitter = np.random.default_rng(5).uniform(-0.2, 0.2, rate)
    return [START + round((index + shift) * 1e9 / rate) for index, shift in enumerate(jitter)]


def imu(rate):
    rng = np.random.default_rng(6)
    for stamp in times(rate):
        yield '/imu/data', messages.imu(stamp, 'wrist', rng.normal(size=6) * 9.0)


def images(encoding, shape, dtype, top):
    rng = np.random.default_rng(7)
    for stamp in times(30):
        pixels = (rng.random(shape) * top).astype(dtype)
        if encoding in ('16UC1', '32FC1'):
            pixels[:, ::2] = 0  # an image without background
        yield '/camera/image_raw', messages.image(stamp, 'camera', encoding, pixels)


def jpegs():
    kind = typestore().types['sensor_msgs/msg/CompressedImage']
    rng = np.random.default_rng(8)
    for stamp in times(30):
        pixels = cv2.resize(rng.integers(0, 255, (6, 8, 3), np.uint8), (80, 60))
        _, data = cv2.imencode('.jpg', pixels)
        header = messages.header(stamp, 'camera')
        yield '/camera/image_raw/compressed', kind(header=header, format='jpeg', data=data)


def sound(rate, channels):
    yield '/audio/audio_info', messages.audio_info(channels, rate)
    rng = np.random.default_rng(9)
    for stamp in times(50):
        samples = rng.integers(-20000, 20000, (rate // 50, channels)).astype(np.int16)
        yield '/audio/audio_stamped', messages.audio(stamp, 'microphone', samples)


DEPTH = {'kind': 'depth', 'height': 60, 'width': 45}
CASES = {
    'imu at 50 Hz': ('imu', {}, lambda: imu(50)),
    'imu at 400 Hz': ('imu', {}, lambda: imu(400)),
    'colour': ('camera', {}, lambda: images('bgr8', (60, 80, 3), np.uint8, 255)),
    'depth in mm': ('camera', DEPTH, lambda: images('16UC1', (120, 160), np.uint16, 4000)),
    'depth in m': ('camera', DEPTH, lambda: images('32FC1', (120, 160), np.float32, 4)),
    'jpeg': ('camera', {}, jpegs),
    'mono sound': ('audio', {}, lambda: sound(16000, 1)),
    'stereo sound at 44.1 kHz': ('audio', {}, lambda: sound(44100, 2)),
}


def comparable(windows):
    return [(x.start, x.end, x.inputs.dtype, x.inputs.shape, x.inputs.tobytes()) for x in windows]


def live_windows(spec, messages):
    """Return the windows that the live node cuts from messages."""
    stream = Stream(spec.modality, spec.window)
    return comparable(window for message in messages for window in stream.push(message))


@pytest.mark.parametrize('case', CASES)
def test_rclpy_rosbags_and_a_bag_give_the_same_windows_bit_by_bit(case, tmp_path):
    modality, features, make = CASES[case]
    spec = InputSpec(create(modality, features), SHAPES[modality])
    made = list(make())
    store = typestore()
    serialised = [
        (message.__msgtype__, bytes(store.serialize_cdr(message, message.__msgtype__)))
        for _, message in made
    ]
    with BagWriter(tmp_path / 'bag') as bag:
        for index, (topic, message) in enumerate(made):
            bag.write(topic, message, START + index)

    from_rosbags = live_windows(
        spec, (store.deserialize_cdr(data, kind) for kind, data in serialised)
    )
    from_rclpy = live_windows(
        spec, (deserialize_message(data, message_class(kind)) for kind, data in serialised)
    )
    with BagReader(tmp_path / 'bag') as bag:
        from_bag = live_windows(spec, (message for _, message, _ in bag.messages()))

    assert len(from_rosbags) in (5, 6)
    assert len({inputs for *_, inputs in from_rosbags}) == len(from_rosbags)
    assert from_rclpy == from_rosbags
    assert from_bag == from_rosbags
    assert comparable(windows(tmp_path / 'bag', spec)) == from_rosbags
