# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Two persons are recorded from IMU and camera, with labels."""

from __future__ import annotations

from dcat_ros.demo.people import RECORDED, simulated
from dcat_ros.demo.stage import Facts, Stage
from diagnostic_msgs.msg import DiagnosticStatus

TITLE = 'record two persons from IMU and camera, with labels'
SECONDS = 45.0
SENSORS = ('imu', 'camera')


def run(stage: Stage) -> Facts:
    """Record a session of each person; return the bags."""
    bags = []
    for seed in RECORDED:
        subject = f'sim{seed}'
        stage.programs.start('simulate', simulated(seed, *SENSORS))
        stage.programs.start('recorder', {
            'output': stage.out / 'bags',
            'subject': subject,
            'sensors': f'[{", ".join(SENSORS)}]',
            'report': False,
        }, {'recorder/label': 'label'})
        stage.until(lambda: _all_received(stage), 'the recorder does not receive both sensors')
        stage.call('recorder/start')
        stage.watch(f'recording {subject}', SECONDS)
        bags.append(stage.call('recorder/stop').removeprefix('recorded '))
        stage.programs.stop('simulate', 'recorder')
        stage.observer.statuses.clear()
        stage.screen.say(f'  recorded {bags[-1]}')
    return {'bags': bags, 'seconds': SECONDS}


def _all_received(stage: Stage) -> bool:
    found = [stage.observer.status_of('recorder', sensor) for sensor in SENSORS]
    return all(status is not None and status.level == DiagnosticStatus.OK for status in found)
