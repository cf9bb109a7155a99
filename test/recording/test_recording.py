# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What stands between reception and disk, without ROS: the queue, the session, the stamps."""

import resource
import signal
import struct
import threading
import tracemalloc

from dcat_ros.bags import messages
from dcat_ros.bags.qos import SENSOR
from dcat_ros.bags.storage import StorageOptions
from dcat_ros.bags.types import defined_in, typestore
from dcat_ros.modalities import DecodeError
from dcat_ros.modalities.cdr import header_frame, header_stamp
from dcat_ros.recording.message_queue import Message, MessageQueue, QueueClosed
from dcat_ros.recording.session import Session
from dcat_ros.recording.session_topic import SessionTopic
from dcat_ros.recording.topic_statistics import RateStatistics, StampStatistics
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from recorder_fixture import contents

STRING = 'std_msgs/msg/String'
SECOND = 10**9


def session_topic(topic='/words', may_drop=False):
    return SessionTopic(topic, defined_in(typestore(), STRING), [SENSOR], may_drop=may_drop)


def message(size, may_drop=False):
    return Message(session_topic(may_drop=may_drop), bytes(size), 0)


def text(content):
    return bytes(typestore().serialize_cdr(messages.text(content), STRING))


def test_a_full_queue_refuses_what_may_be_dropped():
    queue = MessageQueue(100)
    assert queue.put(message(60))
    assert queue.put(message(40, may_drop=True))
    assert not queue.put(message(1, may_drop=True))
    assert queue.size == 100
    first, second = queue.take_all(0.0)
    assert not queue.put(message(61, may_drop=True))
    queue.release(first)
    assert queue.put(message(60, may_drop=True))
    queue.release(second)
    assert queue.size == 60


def test_a_full_queue_lets_the_rest_wait_until_there_is_room():
    queue = MessageQueue(100)
    assert queue.put(message(100))
    stored = []
    waiting = threading.Thread(target=lambda: stored.append(queue.put(message(50))))
    waiting.start()
    while not queue.waits:
        pass
    assert not stored
    only, = queue.take_all(0.0)
    queue.release(only)
    waiting.join()
    assert stored == [True]
    assert queue.waits == 1
    assert [len(each.data) for each in queue.take_all(0.0)] == [50]


def test_a_message_larger_than_the_queue_passes_alone():
    queue = MessageQueue(10)
    assert queue.put(message(50))
    assert not queue.put(message(1, may_drop=True))
    queue.release(queue.take_all(0.0)[0])
    assert queue.put(message(50))


def test_who_waits_is_released_at_the_end_and_nothing_more_is_taken():
    queue = MessageQueue(10)
    queue.put(message(10))
    outcome = []
    waiting = threading.Thread(target=lambda: outcome.append(queue.put(message(5))))
    waiting.start()
    while not queue.waits:
        pass
    queue.close()
    waiting.join()
    assert outcome == [False]
    with pytest.raises(QueueClosed):
        queue.put(message(1))


def test_bag_time_never_goes_back_within_a_session(tmp_path):
    session = Session(tmp_path / 'bag')
    words = session_topic()
    session.add_topic(words)
    for number, now in enumerate([5, 7, 6, 6, 9]):
        session.add_message(words, text(str(number)), now * SECOND)
    session.drain()
    session.add_message(words, text('late'), 10 * SECOND)
    session.close({})
    assert contents(tmp_path / 'bag')['/words'] == [text(str(number)) for number in range(5)]
    assert (words.received, words.written, words.dropped) == (5, 5, 0)
    assert words.rate == pytest.approx(1.0)


def test_a_flooded_session_keeps_account_of_each_message(tmp_path):
    """Large messages that compress badly, faster than they can be written."""
    rng = np.random.default_rng(3)
    images = [rng.integers(0, 255, 4_000_000, np.uint8).tobytes() for _ in range(4)]
    session = Session(tmp_path / 'bag', options=StorageOptions('zstd'), queue_limit=10**7)
    camera, words = session_topic('/camera', may_drop=True), session_topic('/words')
    for each in (camera, words):
        session.add_topic(each)
    count = 0
    while not camera.dropped or count < 20:
        session.add_message(camera, images[count % 4], count * SECOND)
        session.add_message(words, text(str(count)), count * SECOND)
        count += 1
    session.drain()
    session.close({})
    found = contents(tmp_path / 'bag')
    assert found['/words'] == [text(str(number)) for number in range(count)]
    assert (camera.received, camera.written) == (count, len(found['/camera']))
    assert camera.written + camera.dropped == count


def test_memory_stays_within_the_queue_and_what_is_being_written(tmp_path):
    """400 messages of 1 MB that compress badly, through a queue of 100 MB."""
    size, limit = 1_000_000, 100_000_000
    noise = np.random.default_rng(5).integers(0, 255, size, np.uint8).tobytes()
    session = Session(tmp_path / 'bag', options=StorageOptions('zstd'), queue_limit=limit)
    camera = session_topic('/camera')
    session.add_topic(camera)
    tracemalloc.start()
    try:
        for number in range(400):
            session.add_message(camera, number.to_bytes(4, 'little') + noise, number * SECOND)
        session.drain()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    session.close({})
    assert camera.written == 400
    assert most < limit + 40 * size


def test_no_space_for_the_reserve_leaves_nothing_behind(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match='File too large'):
            Session(tmp_path / 'bag')
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


stamps = st.tuples(st.integers(-(2**31), 2**31 - 1), st.integers(0, 2**32 - 1))


@given(stamp=stamps, frame=st.text(max_size=20), little=st.booleans(), rest=st.binary(max_size=9))
def test_stamp_and_frame_are_read_in_either_byte_order(stamp, frame, little, rest):
    order = '<' if little else '>'
    encoded = frame.encode() + b'\0'
    raw = bytes([0, int(little), 0, 0]) + struct.pack(f'{order}iII', *stamp, len(encoded))
    raw += encoded + rest
    assert header_stamp(raw) == stamp[0] * SECOND + stamp[1]
    assert header_frame(raw) == frame.rstrip('\0')


@pytest.mark.parametrize('read', [header_stamp, header_frame])
@given(raw=st.binary(max_size=40))
def test_any_bytes_give_a_stamp_or_a_clear_error(read, raw):
    try:
        read(raw)
    except DecodeError as error:
        assert f'{len(raw)} bytes' in str(error)


@given(steps=st.lists(st.integers(-3 * SECOND, 3 * SECOND), max_size=30))
def test_stamps_out_of_order_and_jumps_are_told_apart(steps):
    judged = StampStatistics()
    stamp, highest, late, jumps = 100 * SECOND, 0, 0, 0
    for step in steps:
        stamp = max(1, stamp + step)
        if highest and stamp < highest - SECOND:
            jumps, highest = jumps + 1, stamp
        elif highest and stamp <= highest:
            late += 1
        else:
            highest = stamp
        judged.check(stamp, stamp + 5000)
    assert (judged.out_of_order, judged.jumps, judged.unset) == (late, jumps, 0)


def test_a_beat_knows_its_rate_and_its_silence():
    beat = RateStatistics()
    assert (beat.rate, beat.silence(5.0)) == (0.0, 0.0)
    for tick in range(100):
        beat.count_message(10, tick * 0.1)
        if tick % 2 == 0:
            beat.sample(tick * 0.1)
    assert beat.rate == pytest.approx(10.0)
    assert beat.bandwidth == pytest.approx(100.0)
    assert beat.regular
    assert beat.silence(11.9) == pytest.approx(2.0)
