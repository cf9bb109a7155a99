# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""message_filters: what holds for every release of it from Humble to Kilted."""

import time

from message_filters import (
    ApproximateTimeSynchronizer,
    Cache,
    SimpleFilter,
    Subscriber,
    TimeSynchronizer,
)
import pytest
import rclpy
from rclpy.time import Time
from sensor_msgs.msg import Imu
from std_msgs.msg import String

MS = 1_000_000


def imu(milliseconds):
    message = Imu()
    message.header.stamp = Time(nanoseconds=round(milliseconds * MS)).to_msg()
    return message


def milliseconds(message):
    return Time.from_msg(message.header.stamp).nanoseconds / MS


def at(milliseconds):
    return Time(nanoseconds=milliseconds * MS, clock_type=rclpy.clock.ClockType.ROS_TIME)


def collected(source):
    """Return a list that grows by the stamps of each set of messages the filter signals."""
    sets = []
    source.registerCallback(lambda *messages: sets.append([milliseconds(m) for m in messages]))
    return sets


class TestSimpleFilter:

    def test_callbacks_get_the_messages_then_their_own_arguments(self):
        calls = []
        source = SimpleFilter()
        first = source.registerCallback(lambda *args: calls.append(args), 'a', 'b')
        second = source.registerCallback(lambda *args: calls.append(args))
        source.signalMessage(1, 2)
        assert (first, second) == (0, 1)
        assert calls == [(1, 2, 'a', 'b'), (1, 2)]


class TestCache:

    @pytest.fixture
    def filled(self):
        source = SimpleFilter()
        cache = Cache(source, cache_size=3)
        for stamp in (10, 20, 30, 40):
            source.signalMessage(imu(stamp))
        return cache

    def test_an_interval_includes_both_ends(self, filled):
        assert [milliseconds(m) for m in filled.getInterval(at(20), at(30))] == [20, 30]

    def test_an_interval_that_ends_before_it_starts_is_refused(self, filled):
        with pytest.raises(AssertionError):
            filled.getInterval(at(30), at(20))

    def test_only_the_newest_are_kept(self, filled):
        assert filled.getOldestTime() == at(20)
        assert filled.getElemBeforeTime(at(19)) is None

    def test_the_element_before_and_after_a_time(self, filled):
        assert milliseconds(filled.getElemBeforeTime(at(39))) == 30
        assert milliseconds(filled.getElemBeforeTime(at(40))) == 40
        assert milliseconds(filled.getElemAfterTime(at(21))) == 30
        assert milliseconds(filled.getElemAfterTime(at(30))) == 30
        assert filled.getElemAfterTime(at(41)) is None

    def test_the_latest_under_the_spelling_of_its_release(self, filled):
        latest = getattr(filled, 'getLatestTime', None) or filled.getLastestTime
        assert latest() == at(40)
        assert milliseconds(filled.getLast()) == 40

    def test_an_empty_cache_has_nothing(self):
        cache = Cache(SimpleFilter())
        assert cache.getLast() is None
        assert cache.getOldestTime() is None

    def test_messages_pass_through(self):
        source = SimpleFilter()
        sets = collected(Cache(source))
        source.signalMessage(imu(5))
        assert sets == [[5]]

    def test_headerless_messages_only_where_allowed(self):
        source = SimpleFilter()
        strict, lenient = Cache(source), Cache(source, allow_headerless=True)
        source.signalMessage(String(data='now'))
        assert strict.getLast() is None
        assert lenient.getLast().data == 'now'


class TestTimeSynchronizer:

    @pytest.fixture
    def inputs(self):
        return SimpleFilter(), SimpleFilter()

    def test_equal_stamps_make_a_set_in_the_order_of_the_filters(self, inputs):
        synchronizer = TimeSynchronizer(inputs, 10)
        pairs = []
        synchronizer.registerCallback(lambda *messages: pairs.append(messages))
        left, right = imu(1), imu(1)
        inputs[1].signalMessage(right)
        inputs[0].signalMessage(left)
        assert [(a is left, b is right) for a, b in pairs] == [(True, True)]

    def test_stamps_a_nanosecond_apart_make_none(self, inputs):
        sets = collected(TimeSynchronizer(inputs, 10))
        inputs[0].signalMessage(imu(1))
        inputs[1].signalMessage(imu(1 + 1 / MS))
        assert sets == []

    def test_a_message_is_used_once(self, inputs):
        sets = collected(TimeSynchronizer(inputs, 10))
        inputs[0].signalMessage(imu(1))
        inputs[1].signalMessage(imu(1))
        inputs[1].signalMessage(imu(1))
        assert sets == [[1, 1]]

    def test_a_full_queue_drops_the_smallest_stamp(self, inputs):
        sets = collected(TimeSynchronizer(inputs, 2))
        for stamp in (1, 2, 3):
            inputs[0].signalMessage(imu(stamp))
        for stamp in (1, 2, 3):
            inputs[1].signalMessage(imu(stamp))
        assert sets == [[2, 2], [3, 3]]


class TestApproximateTimeSynchronizer:

    @pytest.fixture
    def inputs(self):
        return SimpleFilter(), SimpleFilter(), SimpleFilter()

    @pytest.mark.parametrize(('last', 'matches'), [(109.999, 1), (110, 0)])
    def test_the_spread_of_a_set_stays_below_the_slop(self, inputs, last, matches):
        sets = collected(ApproximateTimeSynchronizer(inputs, 10, 0.01))
        for source, stamp in zip(inputs, (100, 105, last), strict=True):
            source.signalMessage(imu(stamp))
        assert sets == [[100, 105, last]] * matches

    def test_neighbours_in_slop_of_the_newest_but_not_of_each_other_do_not_match(self, inputs):
        sets = collected(ApproximateTimeSynchronizer(inputs, 10, 0.01))
        for source, stamp in zip(inputs, (92, 108, 100), strict=True):
            source.signalMessage(imu(stamp))
        assert sets == []

    def test_the_closest_message_is_taken(self, inputs):
        sets = collected(ApproximateTimeSynchronizer(inputs[:2], 10, 0.01))
        for stamp in (96, 99, 104):
            inputs[0].signalMessage(imu(stamp))
        inputs[1].signalMessage(imu(100))
        assert sets == [[99, 100]]

    def test_the_first_fit_wins_over_a_later_closer_one(self, inputs):
        sets = collected(ApproximateTimeSynchronizer(inputs[:2], 10, 0.01))
        inputs[0].signalMessage(imu(100))
        inputs[1].signalMessage(imu(95))
        inputs[1].signalMessage(imu(100))
        assert sets == [[100, 95]]

    def test_three_rates_give_one_set_for_each_message_of_the_slowest(self, inputs):
        sets = collected(ApproximateTimeSynchronizer(inputs, 50, 0.02))
        stamps = sorted(
            (index * 1000 / rate, which)
            for which, rate in enumerate((200, 31, 30)) for index in range(rate))
        for stamp, which in stamps:
            inputs[which].signalMessage(imu(stamp))
        assert 28 <= len(sets) <= 30
        assert max(max(times) - min(times) for times in sets) < 20

    def test_headerless_messages_match_by_arrival_where_allowed(self, inputs):
        strict = ApproximateTimeSynchronizer(inputs[:2], 10, 60.0)
        lenient = ApproximateTimeSynchronizer(inputs[:2], 10, 60.0, allow_headerless=True)
        got = []
        strict.registerCallback(lambda *messages: got.append('strict'))
        lenient.registerCallback(lambda *messages: got.append('lenient'))
        inputs[0].signalMessage(String())
        inputs[1].signalMessage(String())
        assert got == ['lenient']


class TestSubscriber:

    @pytest.fixture
    def node(self):
        context = rclpy.Context()
        rclpy.init(context=context)
        node = rclpy.create_node('test_message_filters', context=context)
        executor = rclpy.executors.SingleThreadedExecutor(context=context)
        executor.add_node(node)
        node.spin_until = lambda done: spin_until(executor, done)
        yield node
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)

    def test_a_chain_over_real_topics(self, node):
        subscribers = [Subscriber(node, Imu, topic) for topic in ('left', 'right')]
        sets = collected(TimeSynchronizer(subscribers, 10))
        publishers = [node.create_publisher(Imu, topic, 10) for topic in ('left', 'right')]
        node.spin_until(lambda: all(p.get_subscription_count() for p in publishers))
        for publisher in publishers:
            publisher.publish(imu(7))
        node.spin_until(lambda: sets)
        assert sets == [[7, 7]]
        assert [s.getTopic() for s in subscribers] == ['left', 'right']

    def test_the_quality_of_service_and_the_subscription_are_reached(self, node):
        reliable = Subscriber(node, Imu, 'imu')
        best_effort = Subscriber(
            node, Imu, 'imu', qos_profile=rclpy.qos.qos_profile_sensor_data)
        assert reliable.qos_profile.depth == 10
        assert best_effort.qos_profile.reliability == rclpy.qos.ReliabilityPolicy.BEST_EFFORT
        assert reliable.sub.topic_name == '/imu'


def spin_until(executor, done, deadline=30.0):
    end = time.monotonic() + deadline
    while not done():
        assert time.monotonic() < end, f'not reached within {deadline} s'
        executor.spin_once(timeout_sec=0.05)
