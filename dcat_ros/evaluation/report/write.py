# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's report: results.json, report.md and the self-contained page report.html."""

from __future__ import annotations

from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

from dcat_ros.evaluation.plan import is_method, UNIMODAL
from dcat_ros.evaluation.report import curve_figures as curves
from dcat_ros.evaluation.report import score_figures as figures
from dcat_ros.evaluation.report import tables, text
from dcat_ros.evaluation.report.json import document
from dcat_ros.evaluation.results import Results, Table
from dcat_ros.evaluation.trial import share_text
from dcat_ros.pages import render
from dcat_ros.pages.svg import inline
from matplotlib.figure import Figure


def write(results: Results, out: Path) -> list[Path]:
    """Write results.json, report.md and report.html, each complete or not at all.

    :param out: directory; made if it is not there.
    :raises OSError: if a file cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    texts = {
        'results.json': json.dumps(document(results), allow_nan=False) + '\n',
        'report.md': markdown(results),
        'report.html': page(results),
    }
    for name, content in texts.items():
        part = out / f'.{name}.part'
        part.write_text(content, encoding='utf-8')
        part.replace(out / name)
    return [out / name for name in texts]


def page(results: Results) -> str:
    """Return the report as HTML, which is well-formed XML too."""
    content = _content(results)
    for number, (table, part) in enumerate(zip(results.tables, content['tables'], strict=True)):
        part['figures'] = [
            {'svg': inline(figure, f'{name}{number}', title), 'title': title, 'caption': caption}
            for name, figure, title, caption in _figures(table)
        ]
    return render('study.html.j2', **content)


def markdown(results: Results) -> str:
    """Return the report as Markdown: sentences and tables."""
    return render('study.md.j2', **_content(results))


def _content(results: Results) -> dict[str, Any]:
    return {
        'title': results.study.title,
        'question': text.question(results),
        'progress': text.progress(results),
        'reading': text.READING,
        'tables': [
            {
                'heading': text.heading(table),
                'scores': tables.scores(table),
                'by_seed': tables.by_seed(table),
                'by_window': tables.by_window(table),
                'open_set': tables.open_set(table),
                'work': tables.work(table),
                'by_class': [tables.by_class(table, share) for share in table.shares],
                'overfit': text.overfit(table),
            }
            for table in results.tables
        ],
        'findings': [
            {'text': text.finding(table), 'grade': _grade(table)} for table in results.tables
        ],
        'failures': tables.failures(results) if results.failures else None,
        'origin': text.origin(results),
    }


def _grade(table: Table) -> str:
    """Return the colour of a finding: whether any method transferred knowledge, or any harmed."""
    verdicts = {text.verdict(cell) for cell in table.cells if is_method(cell.row)}
    if text.Verdict.TRANSFER in verdicts:
        return 'fit'
    return 'unfit' if text.Verdict.HARM in verdicts else 'partly'


def _figures(table: Table) -> Iterator[tuple[str, Figure, str, str]]:
    """Yield name, figure, title and caption; figures of one share show the smallest share."""
    least = table.shares[-1]
    yield ('scores', figures.scores(table), 'Macro-F1 by share of labels',
           'Mean and 95 % interval over seeds, and each seed. Controls are hollow.')
    yield ('gains', figures.gains(table, least), 'Gains by class',
           f'Mean F1 over seeds minus that of unimodal, {share_text(least)}.')
    shown = [cell for cell in (table.cell(UNIMODAL, least), table.best(least)) if cell]
    yield ('confusion', figures.confusion(table, shown), 'Confusion matrices',
           'Rows are true classes, columns are predicted classes, over all seeds.')
    yield ('learning', curves.learning(table, least), 'Learning curves',
           'Mean over seeds. A loss includes all terms of the row.')
    yield ('calibration', curves.calibration(table, least), 'Calibration',
           'Clips by their highest score, over all seeds. On the diagonal, scores equal '
           'frequencies. ECE: expected calibration error.')
    if len(table.points):
        yield ('overfit', figures.overfit(table), 'Gain against the source’s overfitting',
               text.overfit(table))
