# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recorder says on /diagnostics that a driver's unit is wrong, and records every message."""

import time

from dcat_ros.bags import messages
from plausible_imu import AT_REST
import pytest
from recorder_fixture import contents, IMU, RecorderFixture, serialised

PERIOD = 10_000_000


@pytest.fixture
def recorder(context, tmp_path):
    made = RecorderFixture(context, tmp_path / 'out')
    yield made
    made.close()


@pytest.mark.parametrize(('factor', 'text'), [
    (1 / 9.80665, 'set imu.acceleration_unit to g'), (1.0, ''),
])
def test_a_wrong_unit_is_reported_while_all_is_recorded(recorder, tmp_path, factor, text):
    recorder.offer(IMU)
    assert recorder.call('start')[0]
    first = time.time_ns() - 250 * PERIOD
    for index in range(250):
        message = messages.imu(first + index * PERIOD, 'wrist', AT_REST * factor)
        recorder.send(IMU, serialised(message))
    recorder.wait_until_received()
    recorder.status('imu', lambda status: not text or text in status.message)
    assert recorder.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == {IMU: recorder.sent[IMU]}
