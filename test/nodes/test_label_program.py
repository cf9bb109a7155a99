# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""`label`: keys in a real terminal, messages on a real topic."""

import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

from dcat_ros.bags.labels import UNDO
from dcat_ros.labelling.keys import (
    assign_keys,
    ESCAPE,
    Keyboard,
    keys_from_file,
    keys_from_words,
    RESERVED,
)
from dcat_ros.labelling.session import LabelSession, screen
from dcat_ros.nodes.label import main
from hypothesis import given
from hypothesis import strategies as st
import pytest
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rich.console import Console
from std_msgs.msg import String

DEADLINE = 60
SECOND = 10**9
LATCHED = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
RUN_IN_NEW_SESSION = (
    'import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); '
    'os.execv(sys.executable, [sys.executable, "-m", "dcat_ros.nodes.label", *sys.argv[1:]])'
)
ESCAPES = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]')


class LabelTerminal:
    """The program in a pseudo-terminal, and a subscriber to its topic."""

    def __init__(self, context, *arguments, topic='/recorder/label'):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack('4H', 24, 80, 0, 0))
        self.modes = termios.tcgetattr(self.slave)
        self.node = Node('listener', context=context)
        self.executor = SingleThreadedExecutor(context=context)
        self.executor.add_node(self.node)
        self.topic, self.texts, self.screen = topic, [], ''
        self.open = True
        self.program = subprocess.Popen(
            [sys.executable, '-c', RUN_IN_NEW_SESSION, *arguments],
            stdin=self.slave, stdout=self.slave, stderr=self.slave,
        )

    def subscribe(self):
        return self.node.create_subscription(
            String, self.topic, lambda message: self.texts.append(message.data), LATCHED)

    def until(self, condition):
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, (self.texts, self.screen[-3000:])
            self.executor.spin_once(timeout_sec=0.02)
            while self.open and select.select([self.master], [], [], 0)[0]:
                self.screen += os.read(self.master, 65536).decode()

    def wait_for_text(self, text):
        self.until(lambda: text in ESCAPES.sub('', self.screen))

    def wait_until_ready(self):
        """Wait until keys are read and labels received: earlier keys are discarded."""
        self.subscribe()
        self.wait_for_text('1 listens on')
        self.until(lambda: self.texts == [''])

    def press(self, keys, texts):
        """Press keys and wait for the messages expected."""
        before = len(self.texts)
        os.write(self.master, keys.encode())
        self.until(lambda: len(self.texts) >= before + len(texts))
        assert self.texts[before:] == texts

    def exit_status(self):
        self.until(lambda: self.program.poll() is not None)
        return self.program.returncode

    def hang_up(self):
        self.open = False
        os.close(self.slave)
        os.close(self.master)

    def close(self):
        self.program.kill()
        self.program.wait()
        self.executor.shutdown()
        self.node.destroy_node()
        if self.open:
            self.hang_up()


@pytest.fixture
def start_label(context):
    terminals = []

    def start(*arguments, **options):
        terminals.append(LabelTerminal(context, *arguments, **options))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def test_each_key_is_a_message_and_q_ends_the_label(start_label):
    label = start_label('--activities', 'walk', 'sit', 'stand=x')
    label.wait_until_ready()
    label.press('w', ['walk'])
    label.wait_for_text('walk   00:0')
    label.press('x', ['stand'])
    label.press('xxX', [])
    label.press(' ', [''])
    label.press('s', ['sit'])
    label.press('\r', [''])
    label.press('w', ['walk'])
    label.press('u', [UNDO])
    label.wait_for_text('walk is taken back: no label has been running instead')
    label.press('ws\x7f', ['walk', 'sit', f'{UNDO}walk'])
    label.press('?\x1b[A\x1bOw', [])
    label.wait_for_text('nothing has changed')
    label.press('q', [''])
    assert label.exit_status() == 0
    label.wait_for_text('no label runs on')
    assert len(label.texts) == 12
    assert termios.tcgetattr(label.slave) == label.modes
    assert '\x1b[?1049h' in label.screen
    assert label.screen.rindex('\x1b[?1049l') > label.screen.rindex('\x1b[?1049h')
    assert label.screen.rindex('\x1b[?25h') > label.screen.rindex('\x1b[?25l')


def end_by_signal(number):
    return lambda label: label.program.send_signal(number)


def end_by_ctrl_c(label):
    os.write(label.master, b'\x03')


@pytest.mark.parametrize('end', [
    end_by_signal(signal.SIGTERM), end_by_signal(signal.SIGINT), end_by_ctrl_c
], ids=['SIGTERM', 'SIGINT', 'Ctrl-C'])
def test_a_signal_ends_the_label_and_restores_the_terminal(start_label, end):
    label = start_label('--activities', 'walk')
    label.wait_until_ready()
    label.press('w', ['walk'])
    assert termios.tcgetattr(label.slave) != label.modes
    end(label)
    label.until(lambda: label.texts[-1] == '')
    assert label.exit_status() == 0
    assert termios.tcgetattr(label.slave) == label.modes
    assert 'Traceback' not in label.screen


def test_a_terminal_that_is_closed_ends_the_label(start_label):
    label = start_label('--activities', 'walk')
    label.wait_until_ready()
    label.press('w', ['walk'])
    label.hang_up()
    label.until(lambda: label.texts[-1] == '')
    assert label.exit_status() == 0


def test_ctrl_z_and_ctrl_s_do_not_stop_it(start_label):
    label = start_label('--activities', 'walk')
    label.wait_until_ready()
    label.press('\x1a\x13w', ['walk'])
    label.press('q', [''])
    assert label.exit_status() == 0


def test_it_shows_whether_a_recorder_listens_and_a_late_one_gets_the_label(start_label, tmp_path):
    config = tmp_path / 'keys.yaml'
    config.write_text('w: walk\n1: sit down\n')
    topic = '/robot/wrist/label'
    label = start_label(
        '--config', str(config), '--ros-args', '-r', '__ns:=/robot',
        '-r', 'recorder/label:=wrist/label', topic=topic,
    )
    label.wait_for_text(f'nobody listens on {topic}: start the recorder')
    os.write(label.master, b'w1u')
    label.wait_for_text('sit down is taken back')
    recorder = label.subscribe()
    label.wait_for_text(f'1 listens on {topic}')
    label.until(lambda: label.texts == [f'{UNDO}walk'])
    label.node.destroy_subscription(recorder)
    label.screen = ''
    label.wait_for_text(f'nobody listens on {topic}')


def test_it_needs_activities_and_a_terminal(capsys, tmp_path):
    def error(*arguments):
        assert main(list(arguments)) == 1
        printed = capsys.readouterr().err
        assert printed.startswith('error: ')
        return printed

    assert '--activities walk sit stand=x' in error()
    assert 'need a terminal: run it in one' in error('--activities', 'walk')
    assert 'nowhere.yaml' in error('--config', str(tmp_path / 'nowhere.yaml'))
    assert 'key "q" for walk: choose one character' in error('--activities', 'walk=q')


def test_an_invalid_topic_is_an_error(start_label):
    label = start_label('--activities', 'walk', '--topic', 'a b')
    assert label.exit_status() == 1
    label.wait_for_text('error: Invalid topic name')
    assert 'Traceback' not in label.screen


def test_keys_are_free_letters_of_the_name_then_digits():
    assert keys_from_words(['walk', 'wave', 'aa', 'quu', 'Sit', 'sweep=t', 'è']) == {
        'w': 'walk', 'a': 'wave', '1': 'aa', '2': 'quu', 's': 'Sit', 't': 'sweep', 'è': 'è'
    }
    assert keys_from_words(['stand', 'sit=s', 'a=b=+']) == {'t': 'stand', 's': 'sit', '+': 'a=b'}


@given(st.lists(st.text(st.sampled_from('abqu '), min_size=1).map(str.strip).filter(bool),
                unique=True, max_size=30))
def test_each_activity_gets_a_key_of_its_own(activities):
    keys = assign_keys([(activity, '') for activity in activities])
    assert list(keys.values()) == activities
    assert not set(keys) & set(RESERVED)


@pytest.mark.parametrize(('words', 'fault'), [
    (['walk=w', 'wave=w'], 'key w is given to walk and to wave'),
    (['walk=u'], 'key "u" for walk'),
    (['walk= '], 'key " " for walk'),
    (['walk=wa'], 'key "wa" for walk'),
    (['walk='], '"walk=" names no key'),
    (['walk', 'walk'], 'activity walk is given twice'),
    (['=w'], 'an activity has no name'),
    (['a' * number for number in range(1, 60)], 'no key is left for aaa'),
])
def test_words_that_cannot_be_keys_are_refused(words, fault):
    with pytest.raises(ValueError, match=re.escape(fault)):
        keys_from_words(words)


@pytest.mark.parametrize(('text', 'fault'), [
    ('', 'must hold a line for each activity'),
    ('- walk\n', 'must hold a line for each activity'),
    ('w: [walk\n', 'is no YAML file'),
    ('y: yes\n', '`y: True` is no key and name: quote both'),
    ('w: \n', '`w: None` is no key and name'),
    ('q: walk\n', 'key "q" for walk'),
])
def test_a_configuration_that_makes_no_keys_is_refused(tmp_path, text, fault):
    path = tmp_path / 'keys.yaml'
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(fault)) as refused:
        keys_from_file(path)
    assert str(path) in str(refused.value)


def keys_of(*written):
    """Return the keys read from texts that arrive one after another, and from a silence."""
    master, slave = pty.openpty()
    try:
        with Keyboard(slave) as keyboard:
            pressed = []
            for text in written:
                os.write(master, text.encode())
                pressed += keyboard.read(DEADLINE)
            return pressed + keyboard.read(0)
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize(('written', 'pressed'), [
    (['aä\x7f'], ['a', 'ä', '\x7f']),
    (['w\x1b[Aw'], ['w', ESCAPE, 'w']),
    (['\x1b[1;5Cw'], [ESCAPE, 'w']),
    (['\x1b', '[', 'A', 'w'], [ESCAPE, 'w']),
    (['\x1bO', 'Pw'], [ESCAPE, 'w']),
    (['\x1b\x1b[Aw'], [ESCAPE, 'w']),
    (['\x1bw'], [ESCAPE]),
    (['\x1b'], [ESCAPE]),
    (['\x1b[200~'], [ESCAPE]),
    (['\x1a\x13\x11'], ['\x1a', '\x13', '\x11']),
])
def test_an_arrow_is_one_key_as_are_ctrl_z_and_ctrl_s(written, pressed):
    assert keys_of(*written) == pressed


def test_an_exception_leaves_the_terminal_as_before():
    master, slave = pty.openpty()
    modes = termios.tcgetattr(slave)
    with pytest.raises(ZeroDivisionError), Keyboard(slave):
        assert termios.tcgetattr(slave) != modes
        raise ZeroDivisionError
    assert termios.tcgetattr(slave) == modes
    os.close(master)
    with pytest.raises(EOFError):
        Keyboard(slave).read(DEADLINE)
    os.close(slave)


def session_at(activities, keys=''):
    """Return a session and its messages after one key per second from 100 s on."""
    sent = []
    session = LabelSession(keys_from_words(activities), sent.append, 100 * SECOND)
    for number, key in enumerate(keys):
        session.press(key, (101 + number) * SECOND)
    return session, sent


def test_keys_after_the_last_one_do_nothing():
    session, sent = session_at(['walk'], 'wqwu')
    assert (session.over, sent) == (True, ['', 'walk', ''])


def test_an_undo_reaches_back_to_the_start_and_no_further():
    session, sent = session_at(['walk', 'sit'], 'wsuuu')
    assert sent == ['', 'walk', 'sit', f'{UNDO}walk', UNDO]
    assert session.hint == 'there is nothing to undo'
    assert session.track.since == 100 * SECOND


def screen_of(session, seconds, width=80):
    console = Console(width=width, height=24, record=True, file=io.StringIO())
    console.print(screen(session, '/recorder/label', seconds * SECOND))
    return console.export_text().splitlines()


def test_the_screen_fits_a_small_terminal():
    activities = ['walk', 'sit', 'stand', 'lie_down', 'drink', 'climb_stairs', 'open_door', '[b]']
    session, _ = session_at(activities, 'wslu sw q'[:7] * 3)
    session.set_listeners(2, 130 * SECOND)
    lines = screen_of(session, 100 + 3700)
    assert len(lines) <= 24
    assert all(len(line) <= 80 for line in lines)
    text = '\n'.join(lines)
    assert f'{session.track.label}   61:' in text
    assert '2 listen on /recorder/label for 61:10' in text
    for activity in activities:
        assert activity in text
    for word in ('undo', 'quit', 'no label'):
        assert word in text
