# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The trained bundle is handed to an inference node while it recognises."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from dcat_ros.bundles import Manifest
from dcat_ros.demo import cast
from dcat_ros.demo.people import NEW, simulated
from dcat_ros.demo.programs import NAMESPACE
from dcat_ros.demo.stage import Facts, Stage
from dcat_ros.nodes.trainer.deployment import Deployment

TITLE = 'deploy the bundle to an inference node that has the IMU only, while it runs'
BESIDE = 3.0
"""Seconds of answers to look at before and after the swap."""


def run(stage: Stage) -> Facts:
    """Swap the bundle; return how the answers went on.

    :raises RuntimeError: if nothing was trained.
    :raises ValueError: if the node does not take the bundle.
    """
    trained = stage.needed('train')
    cast.person(stage, simulated(NEW, 'imu'))
    cast.inference(stage, own=False)
    answers = stage.observer.answers
    stage.until(lambda: answers, 'no answer came')
    stage.watch('recognising with the shipped bundle', BESIDE)
    before = len(answers)
    path = Path(trained['bundle'])
    deployment = Deployment(
        stage.observer, f'{NAMESPACE}/inference', path, Manifest.read(path)
    )
    try:
        stage.until(deployment.poll, 'the bundle was not taken')
    finally:
        deployment.close()
    stage.watch('recognising with the bundle trained here', BESIDE)
    gap = max(b.time - a.time for a, b in pairwise(answers[before - 1:]))
    stage.screen.say(f'  swapped; longest time between two answers {gap:.2f} s')
    return {'bundle': str(path), 'gap': gap}
