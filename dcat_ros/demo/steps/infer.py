# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognises an unrecorded person from the IMU, with a robot controller that subscribes."""

from __future__ import annotations

from dcat_ros.demo import start
from dcat_ros.demo.context import DemoContext, StepResult
from dcat_ros.demo.scenario import NEW, simulated
from dcat_ros.demo.timeline import Timeline

TITLE = 'recognise a new person from the IMU alone; a robot controller subscribes'
SECONDS = 24.0


def run(context: DemoContext) -> StepResult:
    """Recognise for a while; return the results."""
    start.controller(context)
    start.inference(context, own=True)
    start.person(context, simulated(NEW, 'imu'))
    before = len(context.observer.answers)
    context.until(lambda: len(context.observer.answers) > before, 'no result came')
    timeline = Timeline(context.observer)
    context.wait_with_progress('recognising', SECONDS)
    result = {'bundle': start.bundle(context), **timeline.result()}
    context.console.print(
        f'  {result["right"]:.0%} right, {result["unknown"]:.0%} unknown of {result["whole"]} '
        f'windows with one activity; latency {1000 * result["latency_p50"]:.1f} ms (p50), '
        f'{1000 * result["latency_p99"]:.1f} ms (p99)'
    )
    return result
