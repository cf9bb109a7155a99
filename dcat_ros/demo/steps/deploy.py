# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Deploys the trained bundle to an inference node while it recognises."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from dcat_ros.bundles import Manifest
from dcat_ros.demo import start
from dcat_ros.demo.context import DemoContext, StepResult
from dcat_ros.demo.programs import NAMESPACE
from dcat_ros.demo.scenario import NEW, simulated
from dcat_ros.nodes.trainer.deployment import Deployment

TITLE = 'deploy the bundle to an inference node that has the IMU only, while it runs'
SECONDS = 3.0
"""Seconds of results before and after the swap."""


def run(context: DemoContext) -> StepResult:
    """Swap the bundle; return the longest gap between results.

    :raises RuntimeError: if nothing was trained.
    :raises ValueError: if the node does not take the bundle.
    """
    trained = context.required_result('train')
    start.person(context, simulated(NEW, 'imu'))
    start.inference(context, own=False)
    answers = context.observer.answers
    context.until(lambda: answers, 'no result came')
    context.wait_with_progress('recognising with the shipped bundle', SECONDS)
    before = len(answers)
    path = Path(trained['bundle'])
    deployment = Deployment(
        context.observer, f'{NAMESPACE}/inference', path, Manifest.read(path)
    )
    try:
        context.until(deployment.poll, 'the bundle was not deployed')
    finally:
        deployment.close()
    context.wait_with_progress('recognising with the bundle trained here', SECONDS)
    gap = max(b.time - a.time for a, b in pairwise(answers[before - 1:]))
    context.console.print(f'  swapped; longest time between two results {gap:.2f} s')
    return {'bundle': str(path), 'gap': gap}
