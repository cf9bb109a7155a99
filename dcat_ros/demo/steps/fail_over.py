# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Lets sensors fail and return, while the node continues with the best one alive."""

from __future__ import annotations

from collections.abc import Callable

from dcat_ros.demo import start
from dcat_ros.demo.context import DemoContext, StepResult
from dcat_ros.demo.scenario import FRAMES, NEW, simulated
from dcat_ros.demo.timeline import Timeline
from dcat_ros.inference import UNKNOWN

TITLE = 'let sensors fail and return; the node continues with the best one alive'
SECONDS = 3.0
"""Seconds with each sensor."""


def run(context: DemoContext) -> StepResult:
    """Stop sensors one by one, start them again; return what happened when."""
    start.controller(context)
    start.inference(context, own=True)
    start.person(context, simulated(NEW, *FRAMES))
    context.set_parameters('inference', {'modality': 'auto'})
    timeline = Timeline(context.observer)

    def is_active(sensor: str) -> Callable[[], bool]:
        return lambda: context.observer.answers[-1:] != [] and (
            context.observer.answers[-1].frame_id == FRAMES[sensor]
        )

    def expect(event: str, sensor: str) -> None:
        timeline.add_event(event)
        context.until(is_active(sensor), f'{event}, but the {sensor} did not take over')
        timeline.add_event(f'{sensor} active')
        context.wait_with_progress(f'{event}: the {sensor} is active', SECONDS)

    expect('all sensors there', 'imu')
    context.set_parameters('simulate', {'imu': False})
    expect('IMU dead', 'camera')
    context.set_parameters('simulate', {'camera': False})
    expect('camera dead too', 'audio')
    context.set_parameters('simulate', {'imu': True})
    expect('IMU back', 'imu')
    context.set_parameters('simulate', {'imu': False, 'audio': False})
    timeline.add_event('all dead')
    answers = context.observer.answers
    context.until(lambda: answers[-1].label == UNKNOWN, 'all sensors failed, but no unknown came')
    timeline.add_event('unknown')
    context.wait_with_progress('all dead: the robot is slow', SECONDS)
    context.set_parameters('simulate', {'imu': True})
    expect('IMU back again', 'imu')
    result = timeline.result()
    context.console.print(f'  {len(result["events"])} events, each one handled')
    return result
