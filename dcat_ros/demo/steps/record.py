# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Records two people from IMU and camera, with labels."""

from __future__ import annotations

from dcat_ros.demo.context import DemoContext, StepResult
from dcat_ros.demo.scenario import RECORDED, simulated
from diagnostic_msgs.msg import DiagnosticStatus

TITLE = 'record two people from IMU and camera, with labels'
SECONDS = 32.0
SENSORS = ('imu', 'camera')


def run(context: DemoContext) -> StepResult:
    """Record a session of each person; return the bags."""
    bags = []
    for seed in RECORDED:
        subject = f'sim{seed}'
        context.programs.start('simulate', simulated(seed, *SENSORS))
        context.programs.start('recorder', {
            'output': context.out / 'bags',
            'subject': subject,
            'sensors': f'[{", ".join(SENSORS)}]',
            'report': False,
        }, {'recorder/label': 'label'})
        context.until(lambda: _all_received(context), 'the recorder does not receive both sensors')
        context.call_service('recorder/start')
        context.wait_with_progress(f'recording {subject}', SECONDS)
        bags.append(context.call_service('recorder/stop').removeprefix('recorded '))
        context.programs.stop('simulate', 'recorder')
        context.observer.statuses.clear()
        context.console.print(f'  recorded {bags[-1]}')
    return {'bags': bags, 'seconds': SECONDS}


def _all_received(context: DemoContext) -> bool:
    found = [context.observer.status_of('recorder', sensor) for sensor in SENSORS]
    return all(status is not None and status.level == DiagnosticStatus.OK for status in found)
