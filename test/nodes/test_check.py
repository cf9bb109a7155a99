# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""`dcat check imu` says over a real topic what a driver delivers and what to change."""

import contextlib
import signal
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


@contextlib.contextmanager
def check(*arguments):
    """Yield the running program, killed at the end."""
    command = [sys.executable, '-m', 'dcat_ros.nodes.check', 'imu', *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def end(process):
    """Return the last line and the exit status after Ctrl-C."""
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    return printed.splitlines()[-1:], process.returncode


def until(process, *texts):
    """Return the first printed line with all the texts."""
    return next(line for line in process.stdout if all(text in line for text in texts))


def test_a_right_imu_is_described(driver):
    driver(AT_REST)
    with check() as process:
        line = until(process, '9.81 m/s²')
        assert 'frame_id: wrist' in line and 'points up: +z' in line and 'problem: none' in line
        assert end(process)[1] == 0


def test_an_imu_in_g_is_a_problem_with_its_remedy_unless_the_unit_is_given(driver):
    driver(AT_REST / 9.80665)
    with check() as process:
        until(process, 'set imu.acceleration_unit to g')
        (last,), status = end(process)
        assert 'set imu.acceleration_unit to g' in last and status == 1
    with check('--acceleration-unit', 'g') as process:
        assert 'problem: none' in until(process, '9.81 m/s²')
        assert end(process)[1] == 0


def test_silence_is_a_failure():
    with check('--seconds', '2') as process:
        printed, _ = process.communicate()
    assert process.returncode == 1
    assert '0 publishers' in printed
