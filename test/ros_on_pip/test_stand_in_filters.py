# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the stand-in for message_filters does as newer releases do, or better than all."""

from pathlib import Path

import message_filters
from message_filters import ApproximateTimeSynchronizer, SimpleFilter, TimeSynchronizer
import pytest
from rclpy.time import Time
from sensor_msgs.msg import Imu

pytestmark = pytest.mark.skipif(
    not Path(message_filters.__file__).with_name('stamps.py').exists(),
    reason='the real message_filters is in use')


def imu(milliseconds):
    message = Imu()
    message.header.stamp = Time(nanoseconds=milliseconds * 1_000_000).to_msg()
    return message


@pytest.mark.parametrize('make', [
    lambda inputs: TimeSynchronizer(inputs, 10),
    lambda inputs: ApproximateTimeSynchronizer(inputs, 10, 0.01),
])
class TestBoth:

    def test_an_exception_in_a_callback_leaves_the_filter_working(self, make):
        inputs = SimpleFilter(), SimpleFilter()
        seen = []

        def fail_first(left, right):
            seen.append(left.header.stamp.nanosec)
            if len(seen) == 1:
                raise RuntimeError('the first set fails')

        synchronizer = make(inputs)
        synchronizer.registerCallback(fail_first)
        inputs[0].signalMessage(imu(100))
        with pytest.raises(RuntimeError, match='the first set'):
            inputs[1].signalMessage(imu(100))
        for source in inputs:
            source.signalMessage(imu(200))
        assert seen == [100_000_000, 200_000_000]

    def test_a_callback_may_feed_the_filter_again(self, make):
        inputs = SimpleFilter(), SimpleFilter()
        seen = []

        def feed(left, right):
            seen.append(left.header.stamp.nanosec)
            if len(seen) == 1:
                for source in inputs:
                    source.signalMessage(imu(200))

        synchronizer = make(inputs)
        synchronizer.registerCallback(feed)
        for source in inputs:
            source.signalMessage(imu(100))
        assert seen == [100_000_000, 200_000_000]


def test_a_set_takes_older_messages_with_it():
    inputs = SimpleFilter(), SimpleFilter()
    seen = []
    synchronizer = TimeSynchronizer(inputs, 10)
    synchronizer.registerCallback(lambda left, right: seen.append(left.header.stamp.nanosec))
    for milliseconds in 100, 200:
        inputs[0].signalMessage(imu(milliseconds))
    for milliseconds in 200, 100:
        inputs[1].signalMessage(imu(milliseconds))
    assert seen == [200_000_000]


def test_an_offset_is_taken_from_the_stamps_of_its_filter():
    inputs = SimpleFilter(), SimpleFilter()
    pairs = []
    synchronizer = ApproximateTimeSynchronizer(
        inputs, 10, 0.01, queue_offset=[0, 50_000_000])
    synchronizer.registerCallback(lambda *messages: pairs.append(messages))
    inputs[0].signalMessage(imu(100))
    inputs[1].signalMessage(imu(151))
    assert len(pairs) == 1
