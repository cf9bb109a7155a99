"""The demonstration as a new user starts it."""

import os
import signal
import subprocess
import sys

import pytest


def start():
    return subprocess.Popen(
        [sys.executable, '-m', 'dcat_ros.nodes.demo'],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, 'PYTHONUNBUFFERED': '1', 'COLUMNS': '120'},
    )


@pytest.fixture(scope='module')
def output():
    process = start()
    text = process.communicate(timeout=300)[0]
    assert process.returncode == 0, text
    return text


@pytest.mark.parametrize('frame', ['wrist_imu', 'camera_color_optical_frame', 'microphone'])
def test_every_sensor_speaks(output, frame):
    assert frame in output


def test_the_summary_keeps_the_promises(output):
    assert '2 swaps by parameter' in output
    assert 'every stamp after the one before: yes' in output
    assert 'Traceback' not in output


def test_ctrl_c_ends_it_cleanly():
    process = start()
    for line in process.stdout:
        if 'latency' in line:
            break
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[0]
    assert process.returncode == 0, rest
    assert 'ended early' in rest
    assert 'Traceback' not in rest
