# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Bags of an IMU and a small camera with labels for tests, and ways to change a bag."""

import os

from dcat_ros.bags import messages
from dcat_ros.bags.annotation import FILE as LABELS
from dcat_ros.bags.cache_entry import CachedWindows
from dcat_ros.bags.metadata import bag_files
from dcat_ros.bags.windows import BagWindow, InputSpec
from dcat_ros.bags.writer import BagWriter
from dcat_ros.modalities import create
from dcat_ros.windows import WindowSpec
import numpy as np
from plausible_imu import AT_REST

SECOND = 10**9
START = 1_700_000_000 * SECOND
DELAY = SECOND // 7  # from the camera's stamp to its arrival
CHANGES = (1, 'walk'), (3, ''), (4, 'sit')

IMU = InputSpec(create('imu', {}), WindowSpec(duration=0.5, rate=50.0, stride=0.1, max_gap=0.2))
CAMERA = InputSpec(
    create('camera', {'height': 6, 'width': 8}),
    WindowSpec(duration=0.8, rate=10.0, stride=0.25, max_gap=0.5),
)


def imu_messages(seconds, rate=50):
    random = np.random.default_rng(1)
    for index in range(round(seconds * rate)):
        stamp = START + index * SECOND // rate
        yield stamp, '/imu/data', messages.imu(stamp, 'wrist', AT_REST + random.normal(size=6))


def camera_messages(seconds, rate=15, shape=(12, 16, 3)):
    random = np.random.default_rng(2)
    for index in range(round(seconds * rate)):
        stamp = START + index * SECOND // rate + 3_000_000
        pixels = random.integers(0, 255, shape, np.uint8)
        arrival = stamp + DELAY
        yield arrival, '/camera/image_raw', messages.image(stamp, 'camera', 'bgr8', pixels)


def label_messages(*changes):
    for seconds, text in changes:
        yield START + round(seconds * SECOND), '/label', messages.text(text)


def write(path, *streams, **custom):
    with BagWriter(path, {'subject': 'ada', **custom}) as writer:
        merged = sorted((x for stream in streams for x in stream), key=lambda x: x[0])
        for arrival, topic, message in merged:
            writer.write(topic, message, arrival)
    return path


def comparable(windows):
    """Return windows, cached or not, in a form that can be compared."""
    if isinstance(windows, CachedWindows):
        columns = (windows.starts, windows.ends, windows.arrivals, windows.inputs,
                   windows.labels, windows.groups)
        windows = map(BagWindow, *columns)
    return [(*x[:3], x.inputs.tobytes(), x.label, x.group) for x in windows]


def entries(cache):
    return sorted(path.name for path in cache.iterdir() if not path.name.startswith('.'))


def assert_same(one, other):
    assert comparable(one) == comparable(other)


def touch(bag):
    os.utime(bag_files(bag)[0], ns=(START, START))


def change_subject(bag):
    path = bag / 'metadata.yaml'
    path.write_text(path.read_text().replace('subject: ada', 'subject: eve'))


def annotate(bag):
    (bag / LABELS).write_text('start,end,label\n0.5,2,run\n')
