# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The simulate node over real topics."""

import signal
import subprocess
import sys
import time

from audio_common_msgs.msg import AudioDataStamped, AudioInfo
from dcat_ros.nodes.simulate import Simulate
from dcat_ros.simulation import ACTIVITIES, Scene
import numpy as np
import pytest
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, qos_profile_sensor_data, QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, Imu
from std_msgs.msg import String

DEADLINE = 60
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
TOPICS = {
    'imu': ('imu/data', Imu, QoSProfile(depth=1000)),
    'camera': ('camera/image_raw', Image, qos_profile_sensor_data),
    'audio': ('audio/audio_stamped', AudioDataStamped, QoSProfile(depth=1000)),
    'info': ('audio/audio_info', AudioInfo, LATCHED),
    'label': ('label', String, LATCHED),
}


class SimulateFixture:
    """A simulate node, a subscriber to its topics, and a clock to set."""

    def __init__(self, context, **parameters):
        self.context = context
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        self.executor = SingleThreadedExecutor(context=context)
        self.simulate = Simulate(context=context, parameter_overrides=overrides)
        self.listener = Node('listener', context=context)
        self.clock = self.listener.create_publisher(Clock, '/clock', 10)
        self.received = {name: [] for name in TOPICS}
        for name, (topic, kind, profile) in TOPICS.items():
            self.listener.create_subscription(kind, topic, self.received[name].append, profile)
        self.executor.add_node(self.simulate)
        self.executor.add_node(self.listener)

    def until(self, condition):
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, {k: len(v) for k, v in self.received.items()}
            self.executor.spin_once(timeout_sec=0.05)

    def set_clock(self, nanoseconds):
        message = Clock()
        message.clock.sec, message.clock.nanosec = divmod(nanoseconds, 10**9)
        self.clock.publish(message)
        self.until(lambda: self.simulate.get_clock().now().nanoseconds == nanoseconds)

    def clear(self):
        for messages in self.received.values():
            messages.clear()

    def stamps(self, name):
        return [m.header.stamp.sec * 10**9 + m.header.stamp.nanosec for m in self.received[name]]

    def close(self):
        self.executor.shutdown()
        self.listener.destroy_node()
        self.simulate.destroy_node()


@pytest.fixture
def start_node(context):
    fixtures = []

    def make(**parameters):
        fixtures.append(SimulateFixture(context, **parameters))
        return fixtures[-1]

    yield make
    for fixture in fixtures:
        fixture.close()


def test_three_sensors_and_a_label_arrive(start_node):
    node = start_node(seed=5)
    node.until(lambda: all(len(node.received[name]) >= 5 for name in ('imu', 'camera', 'audio')))
    node.until(lambda: node.received['info'] and node.received['label'])

    imu, image, audio = (node.received[name][-1] for name in ('imu', 'camera', 'audio'))
    assert imu.header.frame_id == 'wrist_imu'
    assert imu.orientation_covariance[0] == -1.0
    assert (image.encoding, image.width, image.height, image.step) == ('bgr8', 160, 120, 480)
    assert len(image.data) == 160 * 120 * 3
    assert image.header.frame_id == 'camera_color_optical_frame'
    assert len(audio.audio.data) == 2 * 640
    info = node.received['info'][0]
    assert (info.channels, info.sample_rate, info.sample_format) == (1, 16000, 'S16LE')
    assert node.received['label'][-1].data in ACTIVITIES


def test_messages_equal_the_scene_sample_for_sample(start_node):
    node = start_node(seed=5)
    node.until(lambda: len(node.received['imu']) >= 100 and len(node.received['audio']) >= 5)
    scene, stamps = Scene(5), node.stamps('imu')
    first = round((stamps[0] - node.simulate._origin) / 1e7)
    sent = np.array([
        [m.linear_acceleration.x, m.angular_velocity.z] for m in node.received['imu'][:50]])
    steps = np.round(np.diff(stamps[:50]) / 1e7).astype(int)
    numbers = first + np.concatenate([[0], np.cumsum(steps)])
    wanted = np.stack([scene.imu.samples(number, 1)[0, [0, 5]] for number in numbers.tolist()])
    assert np.array_equal(sent, wanted)
    number = round((node.stamps('audio')[0] - node.simulate._origin) / 4e7)
    chunk = bytes(node.received['audio'][0].audio.data)
    assert chunk == scene.microphone.samples(640 * number, 640).tobytes()


def test_a_sensor_is_switched_off_and_on_while_the_others_go_on(start_node):
    node = start_node()
    node.until(lambda: node.received['imu'] and node.received['audio'])
    assert node.simulate.set_parameters([Parameter('imu', value=False)])[0].successful
    off = node.simulate.get_clock().now().nanoseconds

    def since(sensor):
        return [stamp for stamp in node.stamps(sensor) if stamp > off]

    node.until(lambda: len(since('audio')) >= 10)
    assert not since('imu')
    still_off = node.stamps('audio')[-1]
    node.simulate.set_parameters([Parameter('imu', value=True)])
    node.until(lambda: since('imu'))
    assert since('imu')[0] > still_off - 40_000_000


def test_other_parameters_are_fixed_and_ranges_hold(start_node):
    node = start_node()
    for name, value in (('seed', 7), ('imu_rate', 50.0)):
        result = node.simulate.set_parameters([Parameter(name, value=value)])[0]
        assert not result.successful
    assert all(
        node.simulate.describe_parameter(name).description for name in ('seed', 'imu', 'audio'))


def test_an_unknown_activity_is_refused(start_node):
    with pytest.raises(ValueError, match="'swim' is unknown"):
        start_node(activities=['swim'])


def test_the_label_follows_the_schedule_in_simulated_time(start_node):
    node = start_node(use_sim_time=True, seed=3, camera=False, audio=False)
    schedule, start = Scene(3).schedule, 100 * 10**9
    node.until(lambda: node.clock.get_subscription_count() > 0)
    node.set_clock(start)
    node.until(lambda: node.received['imu'] and node.received['label'])
    assert node.stamps('imu') == [start]
    for index in range(3):
        node.set_clock(start + round((schedule[index].end + 0.01) * 10**9))
        node.until(lambda index=index: len(node.received['label']) >= index + 2)
    assert [label.data for label in node.received['label']] == [
        schedule[index].activity for index in range(4)]


def test_a_clock_that_goes_back_starts_the_scene_again(start_node):
    node = start_node(use_sim_time=True, seed=3, camera=False, audio=False)
    node.until(lambda: node.clock.get_subscription_count() > 0)
    node.set_clock(100 * 10**9)
    node.until(lambda: node.received['imu'])
    before = node.received['imu'][0].linear_acceleration
    node.clear()
    node.set_clock(50 * 10**9)
    node.set_clock(50 * 10**9 + 10_000_000)
    node.until(lambda: node.received['imu'])
    assert node.stamps('imu')[0] in (50 * 10**9, 50 * 10**9 + 10_000_000)
    assert node.received['imu'][0].linear_acceleration == before


def test_a_new_person_leaves_no_gap_in_the_sound(start_node):
    node = start_node(seed=3, new_person_every=1.0, camera=False)
    node.until(lambda: node.simulate._persons >= 2 and len(node.received['audio']) >= 50)
    stamps, imu = node.stamps('audio'), node.stamps('imu')
    assert np.diff(stamps).min() >= 40_000_000 - 10
    assert np.median(np.diff(stamps)) == pytest.approx(40_000_000, abs=10)
    assert np.diff(imu).min() > 0
    assert node.simulate._scene.person == Scene(3 + node.simulate._persons).person


@pytest.mark.parametrize('sent', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_cleanly(context, sent):
    program = subprocess.Popen(
        [sys.executable, '-m', 'dcat_ros.nodes.simulate'], stderr=subprocess.PIPE, text=True
    )
    listener = Node('listener', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(listener)
    results = []
    listener.create_subscription(Imu, 'imu/data', results.append, 10)
    try:
        deadline = time.monotonic() + DEADLINE
        while not results:
            assert time.monotonic() < deadline
            executor.spin_once(timeout_sec=0.1)
        program.send_signal(sent)
        _, errors = program.communicate(timeout=DEADLINE)
    finally:
        program.kill()
        executor.shutdown()
        listener.destroy_node()
    assert program.returncode == 0
    assert not [word for word in ('Traceback', 'FATAL', 'ERROR') if word in errors], errors
