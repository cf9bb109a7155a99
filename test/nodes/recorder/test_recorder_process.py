# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recorder as a process: killed, told to end, and on a disk that runs full."""

import os
from pathlib import Path
import resource
import signal
import subprocess
import sys
import time

from dcat_ros.bags.recovery import recover
from dcat_ros.recording.session import FLUSH_PERIOD, LONGEST_SLEEP
import pytest
from recorder_fixture import CAMERA, contents, image, IMU, imu, reported, Sensors

TMPFS = 24  # MB


@pytest.fixture
def sensors(context):
    each = Sensors(context)
    yield each
    each.close()


class Process:
    """A recorder that records the IMU and the camera from its start."""

    def __init__(self, output, prefix=(), limit=None, **parameters):
        values = {
            'output': output, 'subject': 's1', 'session': 'one', 'report': 'false',
            'least_free_space': 0, 'start_on_activation': 'true', 'sensors': '[imu, camera]',
            **parameters,
        }
        command = [sys.executable, '-m', 'dcat_ros.nodes.recorder.node', '--ros-args']
        for name, value in values.items():
            command += ['-p', f'{name}:={value}']
        self.process = subprocess.Popen(
            [*prefix, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=limit,
        )

    def end(self, how):
        self.process.send_signal(how)
        return self.finished()

    def finished(self):
        printed, _ = self.process.communicate(timeout=60)
        return printed


def send(sensors, topic, count, make):
    for _ in range(count):
        sensors.send(topic, make(time.time_ns()))


def test_a_kill_costs_no_more_than_what_came_last(sensors, tmp_path):
    recorder = Process(tmp_path)
    bag = tmp_path / 's1_one'
    try:
        sensors.offer(IMU)
        sensors.offer(CAMERA)
        send(sensors, IMU, 200, imu)
        send(sensors, CAMERA, 20, lambda stamp: image(stamp, (240, 320)))
        earlier = {topic: list(rows) for topic, rows in sensors.sent.items()}
        size = sum(len(raw) for rows in earlier.values() for raw in rows)
        sensors.until(lambda: (bag / 's1_one_0.mcap').stat().st_size > size)
        send(sensors, IMU, 50, imu)
        recorder.end(signal.SIGKILL)
    finally:
        recorder.process.kill()
    assert not (bag / 'metadata.yaml').exists()
    assert (bag / '.reserve').exists()
    outcome, = recover(bag)
    assert outcome.fault
    found = contents(bag)
    for topic, rows in earlier.items():
        assert found[topic][:len(rows)] == rows
    assert found[IMU] == sensors.sent[IMU][:len(found[IMU])]
    assert not (bag / '.reserve').exists()
    assert FLUSH_PERIOD + LONGEST_SLEEP < 1.0


@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_bag(sensors, tmp_path, how):
    recorder = Process(tmp_path)
    try:
        sensors.offer(IMU)
        send(sensors, IMU, 100, imu)
        sensors.status('imu', lambda status: received(status) == 100)
        printed = recorder.end(how)
    finally:
        recorder.process.kill()
    assert recorder.process.returncode == 0
    assert f'recorded {tmp_path}/s1_one' in printed
    assert contents(tmp_path / 's1_one') == sensors.sent
    assert reported(tmp_path / 's1_one')['ended'] == 'stopped'


def received(status):
    return int(next(value.value for value in status.values if value.key == 'received'))


def until_it_ends(sensors):
    """Send images until the recorder says that its session has ended by itself."""
    statuses = []
    index = 0
    while not statuses:
        index += 1
        send(sensors, CAMERA, 1, lambda stamp: image(stamp, (240, 320)))
        send(sensors, IMU, 1, imu)
        sensors.executor.spin_once(timeout_sec=0.01)
        statuses = [
            status for message in sensors.diagnostics for status in message.status
            if status.name == 'recorder: session' and status.level == b'\x02'
        ]
        assert index < 5000
    return statuses[-1].message


def in_order(found, sent):
    """Tell whether what was found was sent in that order."""
    rest = iter(sent)
    return all(any(raw == other for other in rest) for raw in found)


def check_ended(sensors, bag, reason):
    assert reason in reported(bag)['ended']
    topics = reported(bag)['topics']
    found = contents(bag)
    assert len(found[CAMERA]) > 20
    for topic, rows in found.items():
        assert in_order(rows, sensors.sent[topic])
        counts = topics[topic]
        assert counts['written'] == len(rows)
        assert counts['received'] == counts['written'] + counts['dropped']


def can_mount():
    command = ['unshare', '--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none',
               '/mnt']
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not can_mount(), reason='this host lets users mount no file system')
def test_a_full_disk_closes_the_bag_and_says_so(sensors, tmp_path):
    """The recorder writes to a file system of 24 MB of its own, which runs full."""
    disk, copy = tmp_path / 'disk', tmp_path / 'copy'
    disk.mkdir()
    script = (
        f'mount -t tmpfs -o size={TMPFS}m none {disk} && "$@"; cp -r {disk} {copy}'
    )
    prefix = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c',
              f'trap "" INT; {script}', 'sh']
    recorder = Process(disk, prefix)
    try:
        sensors.offer(IMU)
        sensors.offer(CAMERA)
        printed = until_it_ends(sensors)
        assert 'No space left on device' in printed
        ok, answer = sensors.call('stop')
        assert (ok, answer) == (False, f'no session runs; the last one ended by itself: {printed}')
        ok, answer = sensors.call('start')
        assert not ok
        assert 'exists already' in answer or 'No space left' in answer
        os.kill(child_of(recorder.process.pid), signal.SIGINT)
        recorder.finished()
    finally:
        recorder.process.kill()
    check_ended(sensors, copy / 's1_one', 'No space left on device')
    size = sum(file.stat().st_size for file in (copy / 's1_one').iterdir())
    assert size > 0.9 * TMPFS * 2**20 - 8 * 2**20


def child_of(pid):
    return int(Path(f'/proc/{pid}/task/{pid}/children').read_text().split()[0])


def test_a_file_that_may_not_grow_closes_the_bag_and_says_so(sensors, tmp_path):
    """The same where the kernel refuses for another reason."""
    limit = 12 * 2**20
    recorder = Process(
        tmp_path, limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    try:
        sensors.offer(IMU)
        sensors.offer(CAMERA)
        printed = until_it_ends(sensors)
        assert 'File too large' in printed
        recorder.end(signal.SIGINT)
    finally:
        recorder.process.kill()
    check_ended(sensors, tmp_path / 's1_one', 'File too large')


def test_no_session_starts_without_space(sensors, tmp_path):
    recorder = Process(tmp_path, start_on_activation='false', least_free_space=10**9)
    try:
        ok, printed = sensors.call('start')
        assert not ok
        assert printed.startswith('disk full: ')
        assert f'MB free for {tmp_path}, least_free_space is 1000000000' in printed
        recorder.end(signal.SIGINT)
    finally:
        recorder.process.kill()
    assert not (tmp_path / 's1_one').exists()


def test_a_session_ends_in_time_when_the_disk_fills_up(sensors, tmp_path):
    """Another program takes the space; the session ends before the disk is full."""
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    floor = free // 10**6 - 300
    recorder = Process(tmp_path, least_free_space=floor)
    try:
        sensors.offer(IMU)
        sensors.offer(CAMERA)
        send(sensors, CAMERA, 5, image)
        with (tmp_path / 'other').open('wb') as other:
            os.posix_fallocate(other.fileno(), 0, 400 * 10**6)
            printed = until_it_ends(sensors)
        assert printed.startswith('disk full: ')
        recorder.end(signal.SIGINT)
    finally:
        recorder.process.kill()
        (tmp_path / 'other').unlink()
    assert reported(tmp_path / 's1_one')['ended'].startswith('disk full: ')
    found = contents(tmp_path / 's1_one')
    assert found[CAMERA] == sensors.sent[CAMERA][:len(found[CAMERA])]
