# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The monitor as a program: in a pipe, in a terminal, and as it ends."""

import fcntl
import os
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import termios
import threading

from monitor_fixture import MonitorFixture
import pytest
from tiny_bundles import write_bundle

ESCAPES = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]')
PROGRAM = [sys.executable, '-m', 'dcat_ros.nodes.monitor.node']
SIM_TIME = ['--ros-args', '-p', 'use_sim_time:=true']


class Program:
    """The monitor as a process, and what it has written so far."""

    def __init__(self, *arguments, terminal=False):
        self.text = ''
        self.source, sink = pty.openpty() if terminal else os.pipe()
        if terminal:
            fcntl.ioctl(sink, termios.TIOCSWINSZ, struct.pack('4H', 50, 120, 0, 0))
        # In a dumb terminal the picture is cut at 25 lines.
        environment = {**os.environ, 'TERM': 'xterm'}
        self.process = subprocess.Popen(
            [*PROGRAM, *arguments], stdout=sink, stderr=sink, env=environment
        )
        os.close(sink)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        try:
            while data := os.read(self.source, 65536):
                self.text += data.decode(errors='replace')
        except OSError:  # a terminal whose other end is closed
            pass

    def shows(self, *words):
        return all(word in ESCAPES.sub('', self.text) for word in words)

    def end(self, number):
        self.process.send_signal(number)
        return self.ended()

    def ended(self):
        self.process.wait(60)
        self._reader.join()
        os.close(self.source)
        return self.process.returncode


@pytest.fixture
def program():
    programs = []

    def start(*arguments, **options):
        programs.append(Program(*arguments, **options))
        return programs[-1]

    yield start
    for each in programs:
        each.process.kill()
        each.process.wait()


@pytest.fixture
def monitored(context, tmp_path):
    each = MonitorFixture(context, **{'imu.bundle': str(write_bundle(tmp_path / 'imu', 'imu'))})
    yield each
    each.close()


def test_each_change_is_a_line_where_there_is_no_terminal(program, monitored):
    monitor = program('--node', '/inference', *SIM_TIME)
    monitored.play_until(lambda: monitor.shows('  activity     low  score '))
    monitored.levels['imu'] = 30.0
    monitored.play_until(lambda: monitor.shows(
        '  activity     high  score ', '  node         /inference is there',
        '  model        2 classes (low, high), threshold 0.60', '  model        imu on imu',
        '  diagnostics  inference: imu: ',
    ))
    assert monitored.set(threshold=0.25) == ''
    monitored.play_until(lambda: monitor.shows('  swap         threshold 0.60 -> 0.25'))
    assert monitor.end(signal.SIGINT) == 0
    lines = monitor.text.splitlines()
    assert all(re.match(r'\d\d:\d\d:\d\d  \w+ +\S', line) for line in lines), monitor.text
    activities = [line for line in lines if '  activity  ' in line]
    assert len(activities) == 2, activities


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_in_a_terminal_the_picture_is_kept_up_to_date(program, monitored, number):
    monitor = program(*SIM_TIME, terminal=True)
    monitored.play_until(lambda: monitor.shows(
        'dcat_ros monitor: /inference', 'activity  low', 'last minute', '█ low', 'median',
        'imu on imu, 2 classes, threshold 0.60', 'inference: imu', '50.0 Hz',
        'inference: activity', '/inference is there',
    ))
    assert monitor.end(number) == 0
    assert 'Traceback' not in monitor.text
    assert monitor.text.rindex('\x1b[?25h') > monitor.text.rindex('\x1b[?25l')


def test_a_reader_that_leaves_ends_it_without_a_trace(monitored):
    pipe = subprocess.Popen(
        f'{shlex.join([*PROGRAM, *SIM_TIME])} | head -n 1', shell=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    monitored.play_until(lambda: pipe.poll() is not None)
    reported, faults = pipe.communicate()
    assert (len(reported.splitlines()), faults) == (1, '')


def test_plain_means_lines_in_a_terminal_too(program):
    monitor = program('--plain', '--duration', '2', terminal=True)
    assert monitor.ended() == 0
    assert monitor.shows('waiting for /inference on /inference/activity (0 publishers)')
    assert '\x1b[?25l' not in monitor.text


def test_a_duration_ends_it_and_a_namespace_names_the_node(program):
    monitor = program('--duration', '2', '--ros-args', '-r', '__ns:=/robot')
    assert monitor.ended() == 0
    assert monitor.shows('waiting for /robot/inference on /robot/inference/activity (0 publi')


@pytest.mark.parametrize('name', ['in ference', '/a//b', ''])
def test_a_name_that_no_node_can_have_is_refused_in_one_sentence(program, name):
    monitor = program('--node', name)
    assert monitor.ended() == 1
    assert monitor.text == (
        f'error: --node "{name}" is no name of a node: give one such as /robot/inference\n'
    )


def test_a_duration_of_nothing_is_refused(program):
    monitor = program('--duration', '0')
    assert monitor.ended() == 2
    assert 'argument --duration: 0 is not above 0' in monitor.text
