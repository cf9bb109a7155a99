# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Sensors die and come back, while the node goes on with the best one that is alive."""

from __future__ import annotations

from collections.abc import Callable

from dcat_ros.demo import cast
from dcat_ros.demo.people import FRAMES, NEW, simulated
from dcat_ros.demo.stage import Facts, Stage
from dcat_ros.demo.timeline import Timeline
from dcat_ros.inference import UNKNOWN

TITLE = 'let sensors die and come back; the node goes on with the best one alive'
BESIDE = 4.0
"""Seconds with each sensor."""


def run(stage: Stage) -> Facts:
    """Take sensors away one by one, give them back; return what happened when."""
    cast.controller(stage)
    cast.inference(stage, own=True)
    cast.person(stage, simulated(NEW, *FRAMES))
    stage.set('inference', {'modality': 'auto'})
    timeline = Timeline(stage.observer)

    def speaks(sensor: str) -> Callable[[], bool]:
        return lambda: stage.observer.answers[-1:] != [] and (
            stage.observer.answers[-1].frame_id == FRAMES[sensor]
        )

    def goes_on(event: str, sensor: str) -> None:
        timeline.note(event)
        stage.until(speaks(sensor), f'{event}, but the {sensor} did not take over')
        timeline.note(f'{sensor} speaks')
        stage.watch(f'{event}: the {sensor} speaks', BESIDE)

    goes_on('all sensors there', 'imu')
    stage.set('simulate', {'imu': False})
    goes_on('IMU dead', 'camera')
    stage.set('simulate', {'camera': False})
    goes_on('camera dead too', 'audio')
    stage.set('simulate', {'imu': True})
    goes_on('IMU back', 'imu')
    stage.set('simulate', {'imu': False, 'audio': False})
    timeline.note('all dead')
    answers = stage.observer.answers
    stage.until(lambda: answers[-1].label == UNKNOWN, 'all sensors dead, yet no unknown came')
    timeline.note('unknown')
    stage.watch('all dead: the robot is slow', BESIDE)
    stage.set('simulate', {'imu': True})
    goes_on('IMU back again', 'imu')
    facts = timeline.facts()
    stage.screen.say(f'  {len(facts["events"])} events, every one answered')
    return facts
