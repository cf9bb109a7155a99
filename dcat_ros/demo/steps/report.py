# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The bags are judged, whether they are fit for training."""

from __future__ import annotations

import json
from pathlib import Path

from dcat_ros.commands import bag
from dcat_ros.demo.stage import Facts, Stage

TITLE = 'judge the bags: are they fit for training?'


def run(stage: Stage) -> Facts:
    """Write the report of each bag; return what it says.

    :raises RuntimeError: if nothing was recorded, or a report cannot be made.
    """
    recorded = stage.needed('record')
    facts = []
    for path in map(Path, recorded['bags']):
        if bag.main(['report', str(path), '--quiet']) == bag.FAILED:
            raise RuntimeError(f'{path} has no report: see what it says above')
        found = json.loads((path / 'report.json').read_text(encoding='utf-8'))
        facts.append({
            'name': found['bag'],
            'report': str(path / 'report.html'),
            'duration': found['duration'],
            'rates': {name: topic['rate'] for name, topic in found['topics'].items()},
            'verdict': found['verdict']['line'],
        })
    return {'bags': facts}
