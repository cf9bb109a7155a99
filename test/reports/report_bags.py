# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A small recorded session of all sensors, and ways to spoil it."""

import json
import struct

from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.bags.writer import BagWriter
import numpy as np
from plausible_imu import AT_REST

SECOND = 10**9
START = 1_700_000_000 * SECOND
PERIODS = {'/imu/data': SECOND // 100, '/camera/image_raw': SECOND // 10,
           '/audio/audio_stamped': SECOND // 25}
LABELS = ((0.0, 'walk'), (5.0, 'sit'), (10.0, ''))
FRAME = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)


def raw(message):
    return bytes(typestore().serialize_cdr(message, message.__msgtype__))


def restamped(data, stamp):
    return data[:4] + struct.pack('<iI', *divmod(stamp, SECOND)) + data[12:]


def session(duration=10.0, sensors=PERIODS, labels=LABELS, info=True):
    """Return topic, type, bytes and arrival of each message, in order of arrival."""
    made = {
        '/imu/data': messages.imu(START, 'wrist', AT_REST),
        '/camera/image_raw': messages.image(START, 'camera', 'bgr8', FRAME),
        '/audio/audio_stamped': messages.audio(START, 'ear', np.arange(640, dtype=np.int16)),
    }
    end = round(duration * SECOND)
    rows = []
    if info:
        info = messages.audio_info(1, 16000)
        rows.append(('/audio/audio_info', info.__msgtype__, raw(info), START))
    for topic in sensors:
        data = raw(made[topic])
        for since in range(0, end, PERIODS[topic]):
            stamp = START + since
            rows.append((topic, made[topic].__msgtype__, restamped(data, stamp), stamp))
    for since, text in labels:
        label = messages.text(text)
        rows.append(('/label', label.__msgtype__, raw(label), START + round(since * SECOND)))
    return sorted(rows, key=lambda row: row[3])


def write(path, rows, custom=None):
    """Write rows as `session` returns them; the subject is 7 where nothing else is said."""
    with BagWriter(path, {'subject': '7', **(custom or {})}) as bag:
        for topic, msgtype, data, arrival in sorted(rows, key=lambda row: row[3]):
            bag.write_raw(topic, msgtype, data, arrival)
    return path


def without(rows, topic, first=0.0, last=float('inf')):
    """Return the rows without those of a topic from one second to another."""
    return [row for row in rows
            if row[0] != topic or not first <= (row[3] - START) / SECOND < last]


def changed(rows, topic, change, indices=None):
    """Return the rows with the bytes of a topic's messages changed, all or those numbered."""
    result, index = [], 0
    for name, msgtype, data, arrival in rows:
        here = name == topic
        if here and (indices is None or index in indices):
            data = change(data, arrival)
        index += here
        result.append((name, msgtype, data, arrival))
    return result


def recorder_says(**topics):
    """Return custom_data with the recorder's counts: imu=dict(written=3) and so on."""
    names = {topic.split('/')[1]: topic for topic in PERIODS}
    entries = {
        names.get(key, f'/{key}'): {
            'sensor': key if key in names else '', 'frame_id': '', 'stamped_by': 'header',
            'dropped': 0, 'rate': 1.0, **entry,
        }
        for key, entry in topics.items()
    }
    return {'topics': json.dumps(entries), 'ended': 'stopped'}
