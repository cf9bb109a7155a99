# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The report's arithmetic against brute force, and its smaller parts."""

from itertools import pairwise
import struct

import cv2
from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.modalities import DecodeError
from dcat_ros.pages.text import counted, listed, percent, seconds, size
from dcat_ros.reports.log import TopicLog
from dcat_ros.reports.recorder_metadata import RecorderMetadata
from dcat_ros.reports.sensor_pairs import describe_pairs, nearest_offsets
from dcat_ros.reports.stamp_statistics import (
    count_disorder,
    count_missing,
    find_gaps,
    median_period,
    overlap,
    spans_of,
    steps_within,
)
from dcat_ros.reports.thumbnails import encode_thumbnail
from dcat_ros.windows import Stream
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
from plausible_imu import AT_REST
import pytest
import report_bags as bags
from report_bags import FRAME, SECOND, START

TIMES = st.sets(st.integers(0, 60), max_size=30).map(
    lambda times: np.array(sorted(times), np.int64)
)


@st.composite
def spans(draw):
    edges = sorted(draw(st.sets(st.integers(0, 60), max_size=8)))
    return spans_of(list(zip(edges[::2], edges[1::2], strict=False)))


@given(TIMES, st.floats(0.5, 20.0), spans())
def test_holes_are_the_long_stretches_in_which_nothing_came(times, limit, stretches):
    expected = []
    for start, end in stretches.tolist():
        points = [start, *(t for t in times.tolist() if start <= t < end), end]
        expected += [[a, b] for a, b in pairwise(points) if b - a > limit]
    assert find_gaps(times, limit, stretches).tolist() == expected


@given(spans(), spans())
def test_overlap_is_the_time_in_both(one, other):
    def inside(spans):
        return {moment for start, end in spans.tolist() for moment in range(start, end)}

    assert overlap(one, other) == len(inside(one) & inside(other))


@given(TIMES, spans())
def test_steps_never_lead_from_one_stretch_to_another(times, stretches):
    expected = []
    for start, end in stretches.tolist():
        held = [time for time in times.tolist() if start <= time < end]
        expected += [b - a for a, b in pairwise(held)]
    assert steps_within(times, stretches).tolist() == expected


@given(st.lists(st.integers(-3, 3).map(lambda t: t * SECOND // 2) | st.integers(-5, 5)))
def test_disorder_goes_by_the_newest_stamp_since_the_last_jump(stamps):
    expected = [0, 0, 0]
    since: list[int] = []
    for stamp in stamps:
        newest = max(since, default=stamp - 1)
        if stamp < newest - Stream.CLOCK_JUMP:
            expected[2] += 1
            since.clear()
        elif stamp <= newest:
            expected[stamp == newest] += 1
        since.append(stamp)
    assert list(count_disorder(stamps)) == expected


@given(st.sets(st.integers(0, 99), min_size=60, max_size=100))
def test_missing_counts_what_a_regular_sensor_lost_between_its_first_and_last(kept):
    numbers = np.array(sorted(kept), np.int64)
    lost = numbers[-1] - numbers[0] + 1 - len(numbers)
    assert count_missing(np.diff(numbers * 1000), 1000.0) == lost


@given(st.lists(st.integers(-240, 240), min_size=50, max_size=50))
def test_jitter_makes_nothing_missing(jitter):
    times = np.arange(50, dtype=np.int64) * 1000 + np.array(jitter)
    assert count_missing(np.diff(times), 1000.0) == 0


def test_bursts_make_nothing_missing_and_no_false_period():
    times = np.repeat(np.arange(20) * 2000, 2) + np.tile([0, 1], 20)
    period = median_period(times, 10)
    assert period == 1000.0
    assert count_missing(np.diff(times), period) == 0
    assert median_period(times[:1]) is None


@given(TIMES.filter(len), TIMES.filter(lambda times: len(times) > 1))
def test_offsets_lead_to_the_nearest(slower, faster):
    found = nearest_offsets(slower, faster)
    for time, offset in zip(slower.tolist(), found.tolist(), strict=True):
        assert time + offset in faster
        assert abs(offset) == min(abs(other - time) for other in faster.tolist())


def test_a_pair_goes_from_the_slower_to_the_faster():
    imu = np.arange(0, 10 * SECOND, SECOND // 100)
    camera = np.arange(SECOND // 500, 10 * SECOND, SECOND // 10)
    late = np.array([10 * SECOND + SECOND // 2])
    found, = describe_pairs({'/imu': imu, '/camera': np.append(camera, late), '/once': imu[:1]})
    assert (found.slower, found.faster) == ('/camera', '/imu')
    assert found.median == pytest.approx(-0.002)
    assert found.worst == pytest.approx(-0.51)
    assert found.counts.sum() == 100
    assert found.counts[np.searchsorted(found.edges, -0.002) - 1] == 100
    assert found.beyond == 1


def log_of(message, *changes):
    msgtype = message.__msgtype__
    fields = [name for name, _ in typestore().fielddefs[msgtype][1]]
    log = TopicLog('/topic', msgtype, fields[0] == 'header', fields)
    data = bags.raw(message)
    for number, change in enumerate((lambda data: data, *changes)):
        log.add(change(data), START + number)
    return log


@pytest.mark.parametrize('spoil', [
    lambda data: b'',
    lambda data: data[:3],
    lambda data: data[:11],
    lambda data: data[:len(data) // 2],
    lambda data: data[:-1],
    lambda data: b'garbage!' * 4,
    lambda data: b'\xff' * len(data),
    lambda data: bytes(len(data)),
])
@pytest.mark.parametrize('message', [
    messages.imu(START, 'wrist', AT_REST),
    messages.image(START, 'camera', 'bgr8', FRAME),
    messages.text('walk'),
])
def test_bytes_that_are_no_message_are_malformed(message, spoil):
    log = log_of(message, spoil, lambda data: data)
    assert (log.count, log.malformed) == (3, 1)
    assert log.arrivals.tolist() == [START, START + 2]
    assert len(log.stamps) == 2


@given(st.integers(0, 2**31 - 1), st.integers(0, SECOND - 1), st.sampled_from('<>'))
def test_stamps_are_those_of_the_header_in_either_byte_order(sec, nanosec, order):
    log = TopicLog('/x', 'foo_msgs/msg/Bar', True, ['header'])
    encapsulation = b'\0\1\0\0' if order == '<' else bytes(4)
    log.add(encapsulation + struct.pack(f'{order}iI', sec, nanosec), 5)
    assert log.stamps.tolist() == [sec * SECOND + nanosec]
    assert log.arrivals.tolist() == [5]


def test_an_unknown_type_is_judged_by_its_encapsulation_and_header():
    log = TopicLog('/x', 'foo_msgs/msg/Bar', True, ['header', 'bar'])
    for data in (b'\0\1\0\0' + bytes(8), b'\0\1\0\0' + bytes(7), b'\7\7\0\0' + bytes(8)):
        log.add(data, START)
    assert (log.count, log.malformed) == (3, 2)


def pixel(jpeg, row, column):
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return image[int(row * image.shape[0]), int(column * image.shape[1])].astype(int)


@pytest.mark.parametrize(('encoding', 'blue'), [
    ('bgr8', (255, 0, 0)), ('rgb8', (0, 0, 255)), ('bgra8', (255, 0, 0, 9)),
    ('rgba8', (0, 0, 255, 9)),
])
def test_thumbnails_keep_colour(encoding, blue):
    pixels = np.full((480, 640, len(blue)), blue, np.uint8)
    jpeg = encode_thumbnail(messages.image(START, '', encoding, pixels))
    assert np.abs(pixel(jpeg, 0.5, 0.5) - (255, 0, 0)).max() < 8
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1).shape == (240, 320, 3)


def test_thumbnails_of_padded_and_compressed_images():
    padded = messages.image(START, '', 'mono8', np.full((4, 12), 200, np.uint8))
    padded.width = 9
    assert np.abs(pixel(encode_thumbnail(padded), 0.5, 0.5) - 200).max() < 4
    kind = typestore().types['sensor_msgs/msg/CompressedImage']
    grey = np.full((30, 40, 3), 90, np.uint8)
    data = np.frombuffer(cv2.imencode('.png', grey)[1].tobytes(), np.uint8)
    header = messages.header(START, '')
    assert np.abs(pixel(encode_thumbnail(kind(header, 'png', data)), 0.5, 0.5) - 90).max() < 4
    with pytest.raises(DecodeError, match='not a complete "png" image'):
        encode_thumbnail(kind(header, 'png', data[:20]))


@pytest.mark.parametrize(('encoding', 'scale'), [('16UC1', 1000), ('32FC1', 1)])
def test_thumbnails_of_depth_tell_near_from_far_and_show_holes_black(encoding, scale):
    metres = np.full((60, 80), 3.0, np.float32)
    metres[:, :40] = 1.0
    metres[:20] = 0.0
    pixels = (metres * scale).astype('<u2' if scale > 1 else '<f4')
    jpeg = encode_thumbnail(messages.image(START, '', encoding, pixels))
    near, far, nothing = pixel(jpeg, 0.7, 0.2), pixel(jpeg, 0.7, 0.8), pixel(jpeg, 0.1, 0.5)
    assert near.sum() > far.sum() + 100 > nothing.sum() + 150
    assert nothing.max() < 20
    blind = messages.image(START, '', encoding, np.zeros_like(pixels))
    assert pixel(encode_thumbnail(blind), 0.5, 0.5).max() < 5


def test_an_unreadable_image_is_refused_with_its_reason():
    with pytest.raises(DecodeError, match='encoding is "yuv444"'):
        encode_thumbnail(messages.image(START, '', 'yuv444', FRAME))


@pytest.mark.parametrize(('value', 'text'), [
    (0.0, '0 s'), (1e-9, '< 0.1 ms'), (-0.0034, '-3.4 ms'), (0.9999, '1.0 s'), (12.34, '12.3 s'),
    (59.96, '1 min 0 s'), (-185.0, '-3 min 5 s'), (3599.6, '1 h 0 min'), (7320.0, '2 h 2 min'),
])
def test_durations_read_naturally(value, text):
    assert seconds(value) == text


def test_other_numbers_read_naturally():
    assert counted(1, 'activity') == '1 activity'
    assert counted(2, 'activity') == '2 activities'
    assert counted(2000, 'delay') == '2,000 delays'
    assert [percent(share) for share in (0, 0.0001, 0.034, 0.5)] == [
        '0.0 %', 'less than 0.1 %', '3.4 %', '50 %'
    ]
    assert [size(count) for count in (12, 1234, 999_499, 5 * 10**6, 3 * 10**12)] == [
        '12 B', '1.23 kB', '999 kB', '5 MB', '3,000.0 GB'
    ]
    assert [listed(list('abc'[:n])) for n in range(4)] == ['', 'a', 'a and b', 'a, b and c']


@pytest.mark.parametrize('text', ['', '{', '[]', '3', '{"/imu": 3}', '{"/imu": {"written": "x"}}'])
def test_broken_counts_of_the_recorder_count_as_absent(text):
    recorded = RecorderMetadata.from_custom_data({'topics': text, 'subject': '7'})
    assert recorded.topics == {}
    assert recorded.faults == ('topics',)
    assert recorded.subject == '7'


@pytest.mark.parametrize('text', ['', '{}', '[3]', '[{"topics": ["/a"]}]', '[{}]'])
def test_broken_pairing_counts_as_absent(text):
    recorded = RecorderMetadata.from_custom_data({'pairing': text})
    assert recorded.pairing == ()
    assert recorded.faults == ('pairing',)
