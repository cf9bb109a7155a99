# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Compares a camera that has half of its labels with and without the IMU as source."""

from __future__ import annotations

from dcat_ros.commands import evaluate
from dcat_ros.demo.context import DemoContext, StepResult
from dcat_ros.demo.scenario import RECORDED
from dcat_ros.demo.study import result_of
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
    result = result_of(out)
    del result['macro_f1']['source']  # which has all labels
    return {
        'source': SOURCE, 'target': TARGET, 'method': METHOD, 'labelled': LABELLED, **result,
    }
