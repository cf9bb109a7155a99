# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The camera teaches the IMU, beside an IMU that learns alone."""

from __future__ import annotations

import json

from dcat_ros.demo.stage import Facts, Stage
from dcat_ros.nodes.trainer.run import DONE, FAILED
from diagnostic_msgs.msg import DiagnosticStatus

TITLE = 'train: the camera teaches the IMU, and is then no longer needed'
TARGET, SOURCE, METHOD = 'imu', 'camera', 'dcat'
MOST_SECONDS = 600.0
ALMOST = 0.99


def run(stage: Stage) -> Facts:
    """Train a bundle; return it, and what its report says.

    :raises RuntimeError: if nothing was recorded, or the training fails.
    """
    recorded = stage.needed('record')
    out = stage.out / 'bundles'
    stage.observer.progress = DiagnosticStatus()
    stage.programs.start('trainer', {
        'bags': f'[{", ".join(recorded["bags"])}]',
        'target': TARGET,
        'source': f'[{SOURCE}]',
        'method': METHOD,
        'seeds': 1,
        'output': out,
        'force': True,
    })
    stage.watch(f'training {TARGET}, taught by {SOURCE}', MOST_SECONDS, lambda: _share(stage))
    bundle = _standing(stage)['bundle']
    stage.programs.stop('trainer')
    report = out / f'{TARGET}.report'
    results = json.loads((report / 'results.json').read_text(encoding='utf-8'))
    (table,) = results['tables']
    stage.screen.say(f'  trained {bundle}')
    return {
        'bundle': bundle,
        'report': str(report / 'report.html'),
        'source': SOURCE,
        'method': METHOD,
        'macro_f1': {cell['row']: cell['macro_f1']['mean'] for cell in table['cells']},
        'finding': table['finding'],
    }


def _standing(stage: Stage) -> dict[str, str]:
    return {each.key: each.value for each in stage.observer.progress.values}


def _share(stage: Stage) -> float:
    standing = _standing(stage)
    if standing.get('state') == FAILED:
        raise RuntimeError(f'the training failed: {stage.observer.progress.message}')
    if standing.get('state') == DONE:
        return 1.0
    return min(float(standing.get('fraction') or 0.0), ALMOST)
