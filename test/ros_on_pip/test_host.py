# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The set-up: its checks of the host and their messages, and its steps."""

import os
from pathlib import Path
import runpy
import subprocess
import sys

import pytest

STAND_INS = Path(__file__).resolve().parents[2] / 'ros_on_pip'


@pytest.fixture
def host(monkeypatch):
    """Return a function that imports a module of the set-up."""
    monkeypatch.syspath_prepend(str(STAND_INS))
    monkeypatch.delenv('ROS_DISTRO', raising=False)

    def module(name):
        __import__(f'host.{name}')
        return sys.modules[f'host.{name}']

    yield module
    for name in [name for name in sys.modules if name.split('.')[0] == 'host']:
        del sys.modules[name]


def exit_message(action):
    """Return the message, one sentence, with which an action ends the program."""
    with pytest.raises(SystemExit) as ended:
        action()
    text = str(ended.value.code)
    assert text.endswith('.') and '\n' not in text
    return text


@pytest.mark.parametrize('version', [(2, 7, 18), (3, 9, 25), (3, 14, 0)])
def test_other_pythons_get_one_exit_message(monkeypatch, version):
    monkeypatch.setattr(sys, 'version_info', version)
    text = exit_message(lambda: runpy.run_path(STAND_INS / 'setup_host.py', run_name='__main__'))
    assert f'Python {version[0]}.{version[1]} is not supported' in text
    assert 'PYTHON=python3.12' in text


def test_other_machines_get_one_exit_message(host, monkeypatch):
    checks = host('checks')
    monkeypatch.setattr(checks.platform, 'machine', lambda: 'aarch64')
    text = exit_message(lambda: checks.check_host(None))
    assert 'not for Linux aarch64' in text and 'Humble, Jazzy or Kilted' in text


@pytest.mark.parametrize(('libc', 'expected'), [
    (('glibc', '2.27'), 'not glibc 2.27'), (('', ''), 'not another libc'),
])
def test_older_and_other_c_libraries_get_one_exit_message(host, monkeypatch, libc, expected):
    checks = host('checks')
    monkeypatch.setattr(checks.platform, 'machine', lambda: 'x86_64')
    monkeypatch.setattr(checks.platform, 'libc_ver', lambda: libc)
    text = exit_message(lambda: checks.check_host(None))
    assert expected in text and 'glibc 2.28 or newer' in text


def test_a_missing_compiler_is_named_with_its_install_command(host, monkeypatch, tmp_path):
    checks = host('checks')
    monkeypatch.setattr(checks.platform, 'machine', lambda: 'x86_64')
    monkeypatch.setenv('PATH', str(tmp_path))
    text = exit_message(lambda: checks.check_host(None))
    assert 'sudo apt-get install cmake g++ make' in text


def test_a_sourced_ros_needs_no_compiler(host, monkeypatch, tmp_path):
    monkeypatch.setenv('PATH', str(tmp_path))
    host('checks').check_host('jazzy')


def test_a_sourced_ros_is_recognised(host, monkeypatch):
    checks = host('checks')
    assert checks.sourced_ros() is None
    monkeypatch.setenv('ROS_DISTRO', 'kilted')
    assert checks.sourced_ros() == 'kilted'


@pytest.mark.parametrize(('lacking', 'expected'), [
    ('rclpy', 'source /opt/ros/jazzy/setup.bash'),
    ('vision_msgs', 'sudo apt-get install ros-jazzy-vision-msgs'),
])
def test_missing_packages_of_a_sourced_ros_are_named(host, monkeypatch, lacking, expected):
    checks = host('checks')
    monkeypatch.setenv('ROS_DISTRO', 'jazzy')
    monkeypatch.setattr(checks, '_importable', lambda name: name != lacking)
    assert expected in exit_message(checks.sourced_ros)


def test_the_environment_keeps_a_sourced_ros_and_drops_other_paths(host, monkeypatch):
    environment = host('environment').environment
    monkeypatch.setenv('PYTHONPATH', '/opt/ros/jazzy/python')
    monkeypatch.setenv('AMENT_PREFIX_PATH', '/opt/ros/jazzy')
    for name in 'ROS_LOCALHOST_ONLY', 'ROS_AUTOMATIC_DISCOVERY_RANGE':
        monkeypatch.delenv(name, raising=False)
    venv = str(host('paths').VENV)

    alone, jazzy, humble = environment(None), environment('jazzy'), environment('humble')
    assert 'PYTHONPATH' not in alone and alone['AMENT_PREFIX_PATH'] == venv
    assert jazzy['PYTHONPATH'] == '/opt/ros/jazzy/python'
    assert jazzy['AMENT_PREFIX_PATH'] == os.pathsep.join([venv, '/opt/ros/jazzy'])
    assert jazzy['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'
    assert humble['ROS_LOCALHOST_ONLY'] == '1'
    for name in 'TMPDIR', 'ROS_LOG_DIR', 'XDG_CACHE_HOME', 'COLCON_HOME', 'MPLCONFIGDIR':
        assert all(env[name].startswith(venv) for env in (alone, jazzy, humble))


@pytest.fixture
def steps(host, monkeypatch, tmp_path):
    module = host('steps')
    for name in 'LOGS', 'STATE', 'ROOT':
        monkeypatch.setattr(module, name, tmp_path)
    return module


def test_a_step_is_done_once_for_the_same_inputs(steps):
    done = []
    for key in 'one', 'one', 'two', 'two':
        steps.step('name', 'Doing it', key, lambda key=key: done.append(key))
    assert done == ['one', 'two']


def test_a_step_that_failed_is_done_again(steps):
    def fail():
        raise SystemExit('no disk space')

    done = []
    steps.step('name', 'Doing it', 'key', lambda: None)
    with pytest.raises(SystemExit):
        steps.step('name', 'Doing it', 'other', fail)
    steps.step('name', 'Doing it', 'key', lambda: done.append('again'))
    assert done == ['again']


def test_a_failing_command_shows_the_end_of_its_log(steps, capfd):
    command = [sys.executable, '-c', 'print("the reason"); raise SystemExit(3)']
    with pytest.raises(SystemExit, match=r'the reason is above and in build\.log'):
        steps.call('build', command, dict(os.environ))
    assert 'the reason' in capfd.readouterr().err
    assert not steps.was_interrupted('build')


def test_a_command_that_was_interrupted_is_remembered(steps):
    command = [sys.executable, '-c', 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)']
    with pytest.raises(SystemExit):
        steps.call('pip', command, dict(os.environ))
    assert steps.was_interrupted('tools', 'pip')
    steps.call('pip', [sys.executable, '-c', ''], dict(os.environ))
    assert not steps.was_interrupted('tools', 'pip')


def test_a_program_that_make_does_not_find_is_named():
    ended = subprocess.run(
        ['make', '--no-print-directory', 'demo', 'PYTHON=no_such_python'],
        cwd=STAND_INS.parent, capture_output=True, text=True,
    )
    assert ended.returncode != 0
    assert ended.stderr.startswith('no_such_python is not installed: install Python 3.10 to 3.13')
