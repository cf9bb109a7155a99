# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A person whom nobody has recorded is recognised from the IMU; a robot heeds the answers."""

from __future__ import annotations

from dcat_ros.demo import cast
from dcat_ros.demo.people import NEW, simulated
from dcat_ros.demo.stage import Facts, Stage
from dcat_ros.demo.timeline import Timeline

TITLE = 'recognise a new person from the IMU alone; a robot controller listens'
SECONDS = 40.0


def run(stage: Stage) -> Facts:
    """Watch for a while; return what was answered."""
    cast.controller(stage)
    cast.inference(stage, own=True)
    cast.person(stage, simulated(NEW, 'imu'))
    heard = len(stage.observer.answers)
    stage.until(lambda: len(stage.observer.answers) > heard, 'no answer came')
    timeline = Timeline(stage.observer)
    stage.watch('recognising', SECONDS)
    facts = {'bundle': cast.bundle(stage), **timeline.facts()}
    stage.screen.say(
        f'  {facts["right"]:.0%} right, {facts["unknown"]:.0%} unknown of {facts["whole"]} '
        f'windows with one activity; latency {1000 * facts["latency_p50"]:.1f} ms (p50), '
        f'{1000 * facts["latency_p99"]:.1f} ms (p99)'
    )
    return facts
