# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's report on disk."""

from __future__ import annotations

import json
from pathlib import Path

from dcat_ros.evaluation.report.html import page
from dcat_ros.evaluation.report.json import document
from dcat_ros.evaluation.report.markdown import markdown
from dcat_ros.evaluation.results import Results


def write(results: Results, out: Path) -> list[Path]:
    """Write results.json, report.md and report.html, each whole or not at all.

    :param out: directory; made if it is not there.
    :raises OSError: if that cannot be done.
    """
    out.mkdir(parents=True, exist_ok=True)
    texts = {
        'results.json': json.dumps(document(results), allow_nan=False) + '\n',
        'report.md': markdown(results),
        'report.html': page(results),
    }
    for name, text in texts.items():
        part = out / f'.{name}.part'
        part.write_text(text, encoding='utf-8')
        part.replace(out / name)
    return [out / name for name in texts]
