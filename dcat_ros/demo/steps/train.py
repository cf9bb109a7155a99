# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Trains the IMU with the camera as source, and the IMU alone for comparison."""

from __future__ import annotations

from dcat_ros.demo.context import DemoContext, StepResult
from dcat_ros.demo.study import result_of
from dcat_ros.nodes.trainer.run import DONE, FAILED
from diagnostic_msgs.msg import DiagnosticStatus

TITLE = 'train the IMU with the camera as source, which is no longer needed then'
TARGET, SOURCE, METHOD = 'imu', 'camera', 'dcat'
MOST_SECONDS = 600.0
ALMOST = 0.99


def run(context: DemoContext) -> StepResult:
    """Train a bundle; return it and the scores of its report.

    :raises RuntimeError: if nothing was recorded, or the training fails.
    """
    recorded = context.required_result('record')
    out = context.out / 'bundles'
    context.observer.progress = DiagnosticStatus()
    context.programs.start('trainer', {
        'bags': f'[{", ".join(recorded["bags"])}]',
        'target': TARGET,
        'source': f'[{SOURCE}]',
        'method': METHOD,
        'seeds': 1,
        'output': out,
        'force': True,
    })
    context.wait_with_progress(
        f'training {TARGET} with source {SOURCE}', MOST_SECONDS, lambda: _share(context)
    )
    bundle = _progress(context)['bundle']
    context.programs.stop('trainer')
    context.console.print(f'  trained {bundle}')
    return {
        'bundle': bundle, 'source': SOURCE, 'method': METHOD,
        **result_of(out / f'{TARGET}.report'),
    }


def _progress(context: DemoContext) -> dict[str, str]:
    return {each.key: each.value for each in context.observer.progress.values}


def _share(context: DemoContext) -> float:
    progress = _progress(context)
    if progress.get('state') == FAILED:
        raise RuntimeError(f'the training failed: {context.observer.progress.message}')
    if progress.get('state') == DONE:
        return 1.0
    return min(float(progress.get('fraction') or 0.0), ALMOST)
