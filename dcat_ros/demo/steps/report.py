# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Reports whether the bags are fit for training."""

from __future__ import annotations

import json
from pathlib import Path

from dcat_ros.commands import bag
from dcat_ros.demo.context import DemoContext, StepResult

TITLE = 'report on the bags: are they fit for training?'


def run(context: DemoContext) -> StepResult:
    """Write the report of each bag; return its main content.

    :raises RuntimeError: if nothing was recorded, or a report cannot be made.
    """
    recorded = context.required_result('record')
    result = []
    for path in map(Path, recorded['bags']):
        if bag.main(['report', str(path), '--quiet']) == bag.FAILED:
            raise RuntimeError(f'{path} has no report: see the output above')
        found = json.loads((path / 'report.json').read_text(encoding='utf-8'))
        result.append({
            'name': found['bag'],
            'report': str(path / 'report.html'),
            'duration': found['duration'],
            'rates': {name: topic['rate'] for name, topic in found['topics'].items()},
            'verdict': found['verdict']['line'],
        })
    return {'bags': result}
