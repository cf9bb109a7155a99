# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Replay over real topics: bytes, names, profiles, clock and pacing."""

from itertools import pairwise
import signal
import subprocess
import sys
import threading
import time

from dcat_ros.bags import messages
from dcat_ros.bags.qos import LATCHED, SENSOR, serving_all
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.writer import BagWriter
from dcat_ros.nodes.common.messages import message_class
from dcat_ros.nodes.replay import main, qos_profile, Replay
import numpy as np
import pytest
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosbags.interfaces import QosReliability
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Imu
from std_msgs.msg import String

START = 1_700_000_000 * 10**9
PERIOD = 20_000_000
COUNT = 50
LATCHED_PROFILE = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
DEADLINE = 60


@pytest.fixture(scope='module')
def bag(tmp_path_factory):
    path = tmp_path_factory.mktemp('replay') / 'bag'
    with BagWriter(path) as writer:
        writer.write('/label', messages.text('sit'), START)
        for index in range(COUNT):
            stamp = START + index * PERIOD
            if index == COUNT // 2:
                writer.write('/label', messages.text('walk'), stamp)
            sample = messages.imu(stamp, 'wrist', np.full(6, float(index)))
            writer.write('/imu/data', sample, stamp)
    return path


class Listener:
    """Collects the messages of some topics while a bag is played."""

    def __init__(self, context, topics):
        self.node = Node('listener', context=context)
        self.executor = SingleThreadedExecutor(context=context)
        self.executor.add_node(self.node)
        self.received = {topic: [] for topic in topics}
        for topic, (msgtype, profile) in topics.items():
            self.node.create_subscription(
                msgtype, topic, self.received[topic].append, profile, raw=msgtype is not Clock
            )

    def until(self, condition):
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, {k: len(v) for k, v in self.received.items()}
            self.executor.spin_once(timeout_sec=0.05)

    def play(self, player, condition, topics):
        self.until(lambda: sum(
            publisher.get_subscription_count() > 0 for publisher in player.publishers
        ) >= topics)
        thread = threading.Thread(target=player.play)
        thread.start()
        try:
            self.until(condition)
        finally:
            player.stop()
            thread.join()
            player.destroy_node()


def stamp_of(clock):
    return clock.clock.sec * 10**9 + clock.clock.nanosec


def recorded(bag, topic):
    with BagReader(bag) as reader:
        return [data for _, data, _ in reader.raw([topic])]


def test_every_message_arrives_as_recorded(bag, context):
    listener = Listener(context, {'/imu/data': (Imu, 100), '/label': (String, 10)})
    listener.play(
        Replay(bag, context=context, rate=4.0),
        lambda: (
            len(listener.received['/imu/data']) >= COUNT and len(listener.received['/label']) >= 2
        ),
        topics=2,
    )
    assert listener.received['/imu/data'] == recorded(bag, '/imu/data')
    assert listener.received['/label'] == recorded(bag, '/label')


def test_no_message_is_early_and_the_number_is_returned(bag, context):
    player = Replay(bag, context=context, rate=2.0)
    publisher, = (
        publisher for publisher in player.publishers if publisher.topic_name == '/imu/data'
    )
    times = []
    publisher.publish = lambda data: times.append(time.monotonic_ns())
    began = time.monotonic_ns()
    assert player.play() == COUNT + 2
    player.destroy_node()
    for index, moment in enumerate(times):
        assert moment - began >= index * PERIOD / 2


def test_a_slow_publication_does_not_delay_the_later_ones(bag, context, monkeypatch):
    clock = {'now': 0}
    monkeypatch.setattr('dcat_ros.nodes.replay.time.monotonic_ns', lambda: clock['now'])
    player = Replay(bag, context=context)
    times = []

    def publish_slowly(data):
        times.append(clock['now'])
        clock['now'] += 5 * PERIOD if len(times) == 10 else PERIOD // 2

    def wait(seconds):
        clock['now'] += round(seconds * 10**9)

    for publisher in player.publishers:
        publisher.publish = publish_slowly if publisher.topic_name == '/imu/data' else len
    player._stopping.wait = wait
    player.play()
    player.destroy_node()
    late = [index for index, now in enumerate(times) if now != index * PERIOD]
    assert late == list(range(10, 18))


def test_stop_ends_the_initial_delay(bag, context):
    player = Replay(bag, context=context, delay=1e6)
    player.stop()
    assert player.play() == 0
    player.destroy_node()


def test_a_late_subscriber_gets_the_current_label(bag, context):
    player = Replay(bag, context=context, rate=100.0)
    player.play()
    listener = Listener(context, {'/label': (String, LATCHED_PROFILE)})
    listener.until(lambda: listener.received['/label'])
    assert listener.received['/label'] == recorded(bag, '/label')[-1:]
    player.destroy_node()


def test_a_start_offset_skips_samples_but_not_the_state(bag, context):
    listener = Listener(context, {'/imu/data': (Imu, 100), '/label': (String, 10)})
    player = Replay(bag, context=context, start_offset=0.8)
    assert player.duration == pytest.approx(0.18)
    listener.play(player, lambda: len(listener.received['/imu/data']) >= 10, topics=2)
    assert listener.received['/imu/data'] == recorded(bag, '/imu/data')[-10:]
    assert listener.received['/label'] == recorded(bag, '/label')[-1:]


def test_names_follow_namespace_and_remapping(bag, context):
    player = Replay(
        bag, context=context, namespace='robot', clock=10.0,
        cli_args=['--ros-args', '-r', 'imu/data:=/wrist'],
    )
    names = {publisher.topic_name for publisher in player.publishers}
    assert {'/wrist', '/robot/label', '/clock'} <= names
    player.destroy_node()


def test_only_the_topics_asked_for_are_played(bag, context):
    player = Replay(bag, context=context, topics=['label'], rate=100.0)
    assert player.play() == 2
    assert '/imu/data' not in {publisher.topic_name for publisher in player.publishers}
    player.destroy_node()


def test_clock_runs_through_the_bag_and_jumps_back_in_a_loop(bag, context):
    listener = Listener(context, {'/clock': (Clock, 1000)})

    def jumps():
        stamps = [stamp_of(message) for message in listener.received['/clock']]
        return [index for index, (a, b) in enumerate(pairwise(stamps)) if b < a]

    player = Replay(bag, context=context, rate=2.0, loop=True, clock=100.0)
    listener.play(player, lambda: len(jumps()) >= 2, topics=1)
    stamps = [stamp_of(message) for message in listener.received['/clock']]
    assert all(START <= stamp <= START + COUNT * PERIOD for stamp in stamps)
    first, second = jumps()[:2]
    assert stamps[first + 1] - START < COUNT * PERIOD / 2
    assert len(set(stamps[first + 1:second + 1])) > 3


def test_offered_profiles_serve_all_recorded_ones():
    best_effort = SENSOR._replace(reliability=QosReliability.BEST_EFFORT, depth=5)
    assert serving_all('/x', [best_effort]) == best_effort
    assert serving_all('/x', [best_effort, SENSOR]) == SENSOR
    assert serving_all('/x', [SENSOR._replace(depth=0)]) == SENSOR
    assert serving_all('/x', [SENSOR, LATCHED._replace(depth=0)]).depth == 10
    assert serving_all('/x', [LATCHED._replace(depth=0)]) == LATCHED
    assert serving_all('/imu/data', []) == SENSOR
    assert serving_all('/robot/label', []) == LATCHED
    profile = qos_profile(LATCHED)
    assert profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    assert (profile.reliability, profile.depth) == (ReliabilityPolicy.RELIABLE, 1)
    assert qos_profile(best_effort).reliability == ReliabilityPolicy.BEST_EFFORT


def test_a_message_type_must_be_installed_with_the_recorded_fields():
    assert message_class('std_msgs/msg/String', ['data']) is String
    with pytest.raises(ValueError, match=r'install ros-.*-foo-msgs'):
        message_class('foo_msgs/msg/Bar')
    with pytest.raises(ValueError, match='std_msgs/msg/Nothing is not available'):
        message_class('std_msgs/msg/Nothing')
    with pytest.raises(ValueError, match='has the fields data here, not text'):
        message_class('std_msgs/msg/String', ['text'])


@pytest.mark.parametrize(('arguments', 'sentence'), [
    (['nowhere'], 'there is no bag at nowhere'),
    (['BAG', '--topics', 'imu'], 'has no topic /imu; it has /imu/data, /label'),
    (['BAG', '--start-offset', '5'], 'has nothing after a start offset of 5 s'),
])
def test_invalid_input_is_refused_in_one_sentence(bag, capsys, arguments, sentence):
    assert main([str(bag) if argument == 'BAG' else argument for argument in arguments]) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize('arguments', [
    ['--rate', '0'], ['--rate', 'nan'], ['--delay', '-1'], ['--clock', 'x']
])
def test_bad_numbers_are_refused(bag, arguments):
    with pytest.raises(SystemExit) as refusal:
        main([str(bag), *arguments])
    assert refusal.value.code == 2


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_cleanly(bag, number):
    program = subprocess.Popen(
        [sys.executable, '-m', 'dcat_ros.nodes.replay', str(bag), '--loop', '--rate', '0.1',
         '--ros-args', '-r', '__ns:=/robot'],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    output = program.stderr.readline()
    program.send_signal(number)
    rest = program.communicate(timeout=DEADLINE)
    assert program.returncode == 0, rest
    assert '[robot.replay]' in output
    assert 'Traceback' not in ''.join(rest)
