# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The results of the demonstration as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping
import os.path
from pathlib import Path
from typing import Any

from dcat_ros.demo import figures
from dcat_ros.pages import render
from dcat_ros.pages.svg import inline
from dcat_ros.pages.text import seconds

FIGURES = {
    'person': (figures.skeletons, 'the recorded person in ten activities'),
    'train': (figures.scores, 'macro-F1 of each row'),
    'few_labels': (figures.scores, 'macro-F1 of each row with half of the labels'),
    'infer': (figures.timeline, 'results and speed over time'),
    'fail_over': (figures.timeline, 'results, speed and events over time'),
}
STEPS = ('person', 'report', 'train', 'few_labels', 'deploy', 'infer', 'fail_over')


def page(results: Mapping[str, Mapping[str, Any]], folder: Path) -> str:
    """Return the page, which is well-formed XML too.

    :param results: of each step that has run, by its name.
    :param folder: where the page lies; its links are relative to it.
    """
    shown: dict[str, Any] = dict.fromkeys(STEPS)
    for step in shown.keys() & results.keys():
        shown[step] = dict(results[step])
        if step in FIGURES:
            draw, title = FIGURES[step]
            shown[step]['figure'] = inline(draw(shown[step]), step, title)
    return render(
        'demo.html.j2', path=lambda target: os.path.relpath(target, folder), seconds=seconds,
        **shown,
    )
