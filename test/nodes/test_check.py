# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""`dcat check imu` says over a real topic what a driver delivers and what to change."""

import subprocess
import sys
import threading
import time

from dcat_ros.nodes.common.messages import time_message
from plausible_imu import AT_REST
import pytest
from rclpy.node import Node
from sensor_msgs.msg import Imu


@pytest.fixture
def driver(context):
    """Return a function that publishes samples at 50 Hz from now on."""
    node = Node('driver', context=context)
    publisher = node.create_publisher(Imu, 'imu/data', 10)
    done = threading.Event()

    def publish(sample):
        while not done.is_set():
            message = Imu()
            message.header.stamp = time_message(time.time_ns())
            message.header.frame_id = 'wrist'
            a = message.linear_acceleration
            a.x, a.y, a.z = map(float, sample[:3])
            publisher.publish(message)
            time.sleep(0.02)

    threads = []

    def start(sample):
        threads.append(threading.Thread(target=publish, args=(sample,)))
        threads[-1].start()

    yield start
    done.set()
    for thread in threads:
        thread.join()
    node.destroy_node()


def run(*arguments):
    return subprocess.run(
        [sys.executable, '-m', 'dcat_ros.nodes.check', 'imu', *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )


def test_a_right_imu_is_described(driver):
    driver(AT_REST)
    result = run('--seconds', '5')
    assert result.returncode == 0, result.stderr
    assert 'frame_id: wrist' in result.stdout and 'points up: +z' in result.stdout
    assert '9.81 m/s²' in result.stdout and 'problem: none' in result.stdout


def test_an_imu_in_g_is_a_problem_with_its_remedy_unless_the_unit_is_given(driver):
    driver(AT_REST / 9.80665)
    result = run('--seconds', '5')
    assert result.returncode == 1
    assert 'set imu.acceleration_unit to g' in result.stdout.splitlines()[-1]
    assert run('--seconds', '5', '--acceleration-unit', 'g').returncode == 0


def test_silence_is_a_failure():
    result = run('--seconds', '2')
    assert result.returncode == 1
    assert '0 publishers' in result.stdout
