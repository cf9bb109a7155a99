# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The results of a study, as a step of the demonstration keeps them."""

from __future__ import annotations

import json
from pathlib import Path

from dcat_ros.demo.context import StepResult


def result_of(folder: Path) -> StepResult:
    """Return report, finding, and macro-F1 by row of the one table in a study's folder."""
    results = json.loads((folder / 'results.json').read_text(encoding='utf-8'))
    (table,) = results['tables']
    return {
        'report': str(folder / 'report.html'),
        'macro_f1': {cell['row']: cell['macro_f1']['mean'] for cell in table['cells']},
        'finding': table['finding'],
    }
