# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Compares a camera that has half of its labels with and without the IMU as source."""

from __future__ import annotations

import json

from dcat_ros.commands import evaluate
from dcat_ros.demo.context import DemoContext, StepResult
from dcat_ros.demo.scenario import RECORDED
import yaml

TITLE = 'half of the labels: does the IMU teach the camera?'
TARGET, SOURCE, METHOD = 'camera', 'imu', 'dcat_soft'
LABELLED = 0.5


def run(context: DemoContext) -> StepResult:
    """Run a study of one seed; return its scores.

    :raises RuntimeError: if nothing was recorded, or the study fails.
    """
    recorded = context.required_result('record')
    train, test = (f'sim{seed}' for seed in RECORDED)
    protocol = context.out / 'few_labels.yaml'
    protocol.write_text(yaml.safe_dump({
        'name': 'few_labels',
        'title': 'Does a worn IMU teach a camera with few labels?',
        'directions': [{'source': SOURCE, 'target': TARGET}],
        'splits': {'out_of_distribution': {'train': [train], 'test': [test]}},
        'rows': ['unimodal', 'source', METHOD, f'{METHOD}_shuffled'],
        'labelled': [LABELLED],
        'seeds': 1,
    }), encoding='utf-8')
    out = context.out / 'few_labels'
    if evaluate.main([str(protocol), '--bags', *recorded['bags'], '--out', str(out)]):
        raise RuntimeError('the study failed: see the output above')
    results = json.loads((out / 'results.json').read_text(encoding='utf-8'))
    (table,) = results['tables']
    return {
        'report': str(out / 'report.html'),
        'source': SOURCE,
        'target': TARGET,
        'method': METHOD,
        'labelled': LABELLED,
        'macro_f1': {
            cell['row']: cell['macro_f1']['mean'] for cell in table['cells']
            if cell['row'] != 'source'
        },
    }
