# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The speed controller example: its rules on a clock that the test moves, its node over topics."""

import contextlib
import importlib.util
from itertools import pairwise
from pathlib import Path
import signal
import subprocess
import sys
import time

from builtin_interfaces.msg import Time
from dcat_ros.inference import UNKNOWN
from dcat_ros.nodes.common.qos import LATCHED
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from inference_fixture import DEADLINE, InferenceFixture
import pytest
from rcl_interfaces.msg import Log
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, qos_profile_sensor_data, QoSProfile
from sensor_msgs.msg import Imu
from speed_controller import SpeedController
import speed_policy
from speed_policy import Rules, SpeedPolicy
from std_msgs.msg import Float64
from tiny_bundles import write_bundle
from vision_msgs.msg import Classification, LabelInfo, ObjectHypothesis, VisionClass
import yaml

EXAMPLE = Path(speed_policy.__file__).parent
SLOW = 0.2
ROSOUT = QoSProfile(depth=1000, durability=DurabilityPolicy.TRANSIENT_LOCAL)
RULES = {
    'harmless': ['wave', 'talk'], 'close_by': ['hammer'], 'slow': SLOW, 'least_score': 0.5,
    'timeout': 1.0, 'diagnostics_timeout': 5.0, 'hold': 2.0, 'rise': 0.25,
}


class PolicySimulation:
    """A policy on a clock that the test moves, with answers and diagnostics."""

    def __init__(self, **changes):
        self.now = 1000.0
        self.policy = SpeedPolicy(Rules(**{**RULES, **changes}))
        self.policy.set_classes(self.now, ['wave', 'talk', 'hammer', 'walk'])
        self.policy.set_fault(self.now, '')

    def answer(self, label='wave', score=0.9, age=0.1):
        return self.policy.set_answer(self.now, label, score, age)

    def run(self, seconds, label='', **options):
        """Let time pass, with an answer each 0.1 s if there is a label; return all speeds."""
        speeds = []
        for _ in range(round(seconds / 0.1)):
            self.now += 0.1
            self.policy.set_fault(self.now, '')
            if label:
                self.answer(label, **options)
            speeds.append(self.policy.speed_at(self.now))
        return speeds


@pytest.fixture
def fast():
    """Return a simulation in which the robot is at full speed."""
    simulation = PolicySimulation()
    assert simulation.run(6.0, 'wave')[-1].scale == 1.0
    return simulation


def test_it_is_slow_before_the_first_message():
    policy = SpeedPolicy(Rules(**RULES))
    assert policy.speed_at(0.0) == (SLOW, 'no answer of the last 1 s')
    assert policy.set_answer(0.0, 'wave', 0.9, 0.0).reason == 'no diagnostics of the last 5 s'
    assert 'no class' in policy.set_fault(0.0, '').reason
    assert policy.set_classes(0.0, ['wave']) == (SLOW, 'wave, not for 2 s yet')


def test_it_rises_gradually_after_the_activity_has_lasted():
    simulation = PolicySimulation()
    speeds = simulation.run(6.0, 'wave')
    assert {speed.scale for speed in speeds[:20]} == {SLOW}
    rises = [late.scale - early.scale for early, late in pairwise(speeds)]
    assert max(rises) == pytest.approx(0.025)
    assert speeds[36].scale == pytest.approx(SLOW + 0.25 * 1.6)
    assert speeds[-1] == (1.0, 'wave, full speed')


def test_a_long_pause_between_two_answers_does_not_count():
    simulation = PolicySimulation()
    simulation.run(1.0, 'wave')
    simulation.now += 30.0
    assert simulation.answer().scale == SLOW
    assert simulation.run(1.5, 'wave')[-1].scale == SLOW


@pytest.mark.parametrize(('answer', 'reason'), [
    ({'label': 'hammer'}, 'hammer is close by'),
    ({'label': UNKNOWN}, 'the activity is unknown'),
    ({'label': 'walk'}, 'walk is neither in harmless nor in close_by'),
    ({'label': 'wave', 'score': 0.49}, 'wave, below a score of 0.5'),
    ({'label': 'wave', 'score': float('nan')}, 'wave, below a score of 0.5'),
    ({'label': 'swim'}, 'swim is no class of the model that label_info describes'),
    ({'label': 'wave', 'age': 1.1}, 'answers are stamped more than 1 s off this clock'),
    ({'label': 'wave', 'age': -1.1}, 'answers are stamped more than 1 s off this clock'),
])
def test_it_falls_at_once_and_the_next_good_answer_starts_again(fast, answer, reason):
    speed = fast.answer(**answer)
    assert speed.scale == SLOW
    assert speed.reason.startswith(reason)
    assert {speed.scale for speed in fast.run(1.9, 'wave')} == {SLOW}
    assert fast.run(0.5, 'wave')[-1].scale > SLOW


def test_silence_counts_from_the_stamp_and_not_from_the_arrival(fast):
    fast.answer(age=0.6)
    assert fast.policy.speed_at(fast.now + 0.39).scale == 1.0
    assert fast.policy.speed_at(fast.now + 0.41) == (SLOW, 'no answer of the last 1 s')


def test_a_fault_slows_until_it_is_gone(fast):
    assert fast.policy.set_fault(fast.now, 'imu is in ERROR') == (SLOW, 'imu is in ERROR')
    assert fast.answer().reason == 'imu is in ERROR'
    assert fast.policy.set_fault(fast.now, '').reason == 'wave, not for 2 s yet'


def test_diagnostics_that_end_slow_it(fast):
    for _ in range(49):
        fast.now += 0.1
        assert fast.answer().scale == 1.0
    fast.now += 0.2
    assert fast.answer() == (SLOW, 'no diagnostics of the last 5 s')


def test_a_model_that_does_not_know_the_activity_slows_it(fast):
    assert fast.policy.set_classes(fast.now, ['low', 'high']).scale == SLOW


def test_another_harmless_activity_keeps_the_speed_but_must_be_held_to_raise_it(fast):
    assert {speed.scale for speed in fast.run(3.0, 'talk')} == {1.0}
    fast.answer(UNKNOWN)
    fast.run(3.0, 'wave')
    reached = fast.answer('talk').scale
    assert SLOW < reached < 1.0
    assert {speed.scale for speed in fast.run(1.9, 'talk')} == {reached}
    assert fast.run(1.0, 'talk')[-1].scale > reached


@pytest.mark.parametrize(('changes', 'words'), [
    ({'harmless': []}, 'harmless names no activity'),
    ({'close_by': ['wave']}, 'wave is in harmless and in close_by'),
    ({'harmless': ['wave', UNKNOWN]}, 'which is no activity'),
])
def test_invalid_lists_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        Rules(**{**RULES, **changes})


def test_the_word_for_unknown_is_that_of_the_inference_node():
    assert speed_policy.UNKNOWN == UNKNOWN


class Listener:
    """Collects the controller's speeds and log messages."""

    def __init__(self, node):
        self.speeds, self.log, self.warnings = [], [], []
        node.create_subscription(
            Float64, '/speed_controller/speed_scale',
            lambda message: self.speeds.append(message.data), 100,
        )
        node.create_subscription(Log, '/rosout', self._on_log, ROSOUT)

    def _on_log(self, message):
        if message.name == 'speed_controller':
            messages = self.warnings if message.level >= 30 else self.log
            messages.append(message.msg)

    def is_slow(self, reason):
        """Tell whether the robot is slow now, and the reason was logged since the last `clear`."""
        return self.speeds[-1:] == [SLOW] and any(
            line.startswith(f'speed {SLOW:.2f}: {reason}') for line in self.log
        )

    def is_fast(self):
        return self.speeds[-1:] == [1.0] and any('full speed' in line for line in self.log)

    def clear(self):
        self.speeds.clear()
        self.log.clear()


def controller(context, **changes):
    values = {
        'harmless': ['low'], 'close_by': ['high'], 'timeout': 30.0, 'diagnostics_timeout': 60.0,
        'hold': 0.2, 'rise': 5.0, 'use_sim_time': True, **changes,
    }
    overrides = [
        Parameter(name, value=value) for name, value in values.items() if value is not None
    ]
    return SpeedController(context=context, parameter_overrides=overrides)


class ControllerFixture:
    """Sensors, the inference node and the controller."""

    def __init__(self, context, bundles, changes, **parameters):
        self.inference = InferenceFixture(context, **{**bundles, 'modality': 'imu', **parameters})
        self.inference.live = {'imu'}
        self.listener = Listener(self.inference.sensor_node)
        self.node = controller(context, **changes)
        self.inference.executor.add_node(self.node)
        self.inference.until(lambda: self.listener.is_slow('no answer'))
        self.inference.node.autostart()

    def play_until(self, condition):
        """Let the sensors deliver until a condition is true."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, self.listener.log
            self.inference.play(0.1)

    def close(self):
        self.inference.executor.remove_node(self.node)
        self.node.destroy_node()
        self.inference.close()


@pytest.fixture(scope='module')
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bundles')
    return {
        f'{name}.bundle': str(write_bundle(
            folder / name, name, scores={'macro_f1': score, 'protocol': 'none'}
        ))
        for name, score in {'imu': 0.8, 'camera': 0.9}.items()
    }


@pytest.fixture
def start_controller(context, bundles):
    fixtures = []

    def build(changes=(), **parameters):
        fixtures.append(ControllerFixture(context, bundles, dict(changes), **parameters))
        return fixtures[-1]

    yield build
    for fixture in fixtures:
        fixture.close()


@pytest.fixture
def fast_robot(start_controller):
    """Return a fixture in which the robot has reached full speed."""
    built = start_controller()
    built.play_until(built.listener.is_fast)
    assert [line.split(': ')[1] for line in built.listener.log[-3:]] == [
        'low, not for 0.2 s yet', 'low for 0.2 s, rising', 'low, full speed'
    ]
    built.listener.clear()
    return built


def test_a_sensor_that_dies_slows_the_robot_until_it_lives_again(fast_robot):
    fast_robot.inference.set(stale_timeout=1.0)
    fast_robot.inference.until(lambda: fast_robot.listener.is_slow('the activity is unknown'))
    fast_robot.play_until(fast_robot.listener.is_fast)


def test_an_activity_that_the_model_is_not_sure_of_slows_the_robot(fast_robot):
    fast_robot.inference.levels['imu'] = 9.8
    fast_robot.play_until(lambda: fast_robot.listener.is_slow('the activity is unknown'))
    fast_robot.inference.levels['imu'] = 0.0
    fast_robot.play_until(fast_robot.listener.is_fast)


def test_an_activity_close_by_slows_the_robot(fast_robot):
    fast_robot.inference.levels['imu'] = 30.0
    fast_robot.play_until(lambda: fast_robot.listener.is_slow('high is close by'))


def test_another_model_slows_the_robot_and_the_wrong_lists_are_reported(fast_robot, tmp_path):
    other = write_bundle(tmp_path / 'other', 'imu', classes=('still', 'moving'))
    assert fast_robot.inference.set(imu__bundle=str(other)) == ''
    fast_robot.play_until(lambda: fast_robot.listener.is_slow('still is neither'))
    fast_robot.inference.until(lambda: fast_robot.listener.warnings)
    assert fast_robot.listener.warnings == [
        'harmless and close_by name high, low, but the model in use knows still, moving only: '
        'correct the lists'
    ]


def test_an_error_of_the_inference_node_slows_the_robot_though_answers_come(start_controller):
    built = start_controller(modality='auto', stale_timeout=30.0)
    built.play_until(built.listener.is_fast)
    built.listener.clear()
    camera = built.inference.publishers['camera']

    def broken_image_was_seen():
        camera.publish(b'\0\1\0\0' + b'\0' * 12)
        return built.listener.is_slow('inference: camera is in ERROR on /diagnostics')

    built.play_until(broken_image_was_seen)
    assert built.inference.received['activity'][-1].results[0].class_id == 'low'


@contextlib.contextmanager
def program(*command):
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def robot(context):
    """Yield a robot's node, its executor, and a function that spins until something holds."""
    node, executor = Node('robot', context=context), SingleThreadedExecutor(context=context)
    executor.add_node(node)

    def until(condition):
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline
            executor.spin_once(timeout_sec=0.05)

    yield node, executor, until
    executor.shutdown()
    node.destroy_node()


def test_an_inference_node_that_is_killed_slows_the_robot_until_it_is_back(
    context, robot, bundles
):
    node, executor, until = robot
    listener = Listener(node)
    imu = node.create_publisher(Imu, 'imu/data', qos_profile_sensor_data)

    def measure():
        message = Imu()
        message.header.stamp = node.get_clock().now().to_msg()
        message.header.frame_id = 'wrist'
        message.linear_acceleration.z = 9.80665
        imu.publish(message)

    node.create_timer(0.02, measure)
    executor.add_node(tried := controller(context, timeout=3.0, use_sim_time=False))
    command = [
        sys.executable, '-m', 'dcat_ros.nodes.inference.node', '--ros-args', '-p', 'modality:=imu',
        '-p', f'imu.bundle:={bundles["imu.bundle"]}', '-p', 'stale_timeout:=30.0',
    ]
    with program(*command) as process:
        until(listener.is_fast)
        process.send_signal(signal.SIGKILL)
        process.wait()
        listener.clear()
        until(lambda: listener.is_slow('no answer of the last 3 s'))
    listener.clear()
    with program(*command):
        until(listener.is_fast)
    executor.remove_node(tried)
    tried.destroy_node()


def test_answers_that_come_late_never_raise_the_speed(context, robot):
    node, executor, until = robot
    listener = Listener(node)
    executor.add_node(tried := controller(context, timeout=5.0, use_sim_time=False))
    activity = node.create_publisher(Classification, '/inference/activity', 10)
    info = node.create_publisher(LabelInfo, '/inference/label_info', LATCHED)
    diagnostics = node.create_publisher(DiagnosticArray, '/diagnostics', QoSProfile(depth=10))
    info.publish(LabelInfo(class_map=[VisionClass(class_name=name) for name in ('low', 'high')]))
    behind = 6

    def relay():
        now = node.get_clock().now().to_msg()
        message = Classification(results=[ObjectHypothesis(class_id='low', score=1.0)])
        message.header.stamp = Time(sec=now.sec - behind, nanosec=now.nanosec)
        activity.publish(message)
        diagnostics.publish(DiagnosticArray(status=[DiagnosticStatus(name='inference: activity')]))

    node.create_timer(0.05, relay)
    until(lambda: listener.is_slow('answers are stamped more than 5 s off this clock'))
    listener.speeds.clear()
    until(lambda: len(listener.speeds) > 20)
    assert set(listener.speeds) == {SLOW}
    behind = 0
    until(listener.is_fast)
    executor.remove_node(tried)
    tried.destroy_node()


@pytest.mark.parametrize('unset', [[''], None])
def test_a_list_that_names_nothing_is_empty(context, unset):
    node = controller(context, close_by=unset)
    assert node._rules.named == {'low'}
    node.destroy_node()


def run_controller(*arguments):
    return program(sys.executable, EXAMPLE / 'speed_controller.py', '--ros-args', *arguments)


def test_the_program_runs_with_its_yaml_and_ends_cleanly(robot):
    node, _, until = robot
    listener = Listener(node)
    with run_controller('--params-file', EXAMPLE / 'speed_controller.yaml') as process:
        until(lambda: listener.is_slow('no answer of the last 1 s'))
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=DEADLINE)[0]
        assert process.returncode == 0, output
    assert 'Traceback' not in output


@pytest.mark.parametrize(('arguments', 'words'), [
    ([], 'harmless names no activity'),
    (['-p', 'harmless:=wave'], 'harmless'),
    (['-p', 'harmless:=[wave]', '-p', 'slow:=1.5'], 'slow'),
    (['--params-file', 'gone.yaml'], 'gone.yaml'),
])
def test_what_cannot_be_ends_the_program_with_one_sentence(arguments, words):
    with run_controller(*arguments) as process:
        output = process.communicate(timeout=DEADLINE)[0]
        assert process.returncode == 1, output
    error = [line for line in output.splitlines() if line.startswith('error: ')]
    assert words in error[0]
    assert 'Traceback' not in output


def test_the_yaml_names_activities_of_the_simulated_person():
    from dcat_ros.simulation import ACTIVITIES

    record = yaml.safe_load((EXAMPLE / 'speed_controller.yaml').read_text())
    lists = record['/**']['ros__parameters']
    assert {*lists['harmless'], *lists['close_by']} <= set(ACTIVITIES)


LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import AnyLaunchDescriptionSource

service = LaunchService()
service.include_launch_description(LaunchDescription([IncludeLaunchDescription(
    AnyLaunchDescriptionSource(sys.argv[1]), launch_arguments=[('namespace', 'cell')],
)]))
sys.exit(service.run())
"""


@pytest.mark.skipif(
    importlib.util.find_spec('launch_ros') is None, reason='needs launch and launch_ros'
)
def test_the_launch_file_starts_it_in_a_namespace(robot):
    node, _, until = robot
    speeds = []
    node.create_subscription(
        Float64, '/cell/speed_controller/speed_scale', lambda each: speeds.append(each.data), 10
    )
    file = EXAMPLE / 'speed_controller.launch.py'
    with program(sys.executable, '-c', LAUNCH, file) as process:
        until(lambda: speeds)
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 0
    assert set(speeds) == {SLOW}
