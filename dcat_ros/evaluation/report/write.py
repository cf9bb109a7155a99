# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's report: results.json, report.md and the self-contained page report.html."""

from __future__ import annotations

from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

from dcat_ros.evaluation.overfitting import Curve, curves_of
from dcat_ros.evaluation.plan import is_method, UNIMODAL
from dcat_ros.evaluation.report import curve_figures as curves
from dcat_ros.evaluation.report import overfitting_text, tables, text
from dcat_ros.evaluation.report import score_figures as figures
from dcat_ros.evaluation.report.json import document
from dcat_ros.evaluation.report.overfitting_figure import gain_by_epochs
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
    drawn = list(map(_curve_figures, curves_of(results))) or list(map(_figures, results.tables))
    for number, (of_part, part) in enumerate(zip(drawn, content['parts'], strict=True)):
        part['figures'] = [
            {'svg': inline(figure, f'{name}{number}', title), 'title': title, 'caption': caption}
            for name, figure, title, caption in of_part
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
        'parts': _of_curves(results) or [_of_table(table) for table in results.tables],
        'findings': [
            {'text': finding, 'grade': grade} for finding, grade in findings(results).items()
        ],
        'failures': tables.failures(results) if results.failures else None,
        'origin': text.origin(results),
    }


def findings(results: Results) -> dict[str, str]:
    """Return what a study found, each with its colour; of variants of targets, by method."""
    if curves_found := curves_of(results):
        return {
            overfitting_text.finding(curve):
                'fit' if overfitting_text.has_relation(curve) else 'partly'
            for curve in curves_found
        }
    return {text.finding(table): _grade(table) for table in results.tables}


def _of_table(table: Table) -> dict[str, Any]:
    by_window = tables.by_window(table)
    return {
        'heading': text.heading(table),
        'scores': tables.scores(table),
        'details': [tables.by_seed(table), *([by_window] if by_window else [])],
        'overfit': text.overfit(table),
        'further': [tables.open_set(table), tables.work(table)],
        'folded': [tables.by_class(table, share) for share in table.shares],
    }


def _of_curves(results: Results) -> list[dict[str, Any]]:
    """Return the contents on variants of targets; the tables of each are folded."""
    found = [
        {
            'heading': overfitting_text.heading(curve),
            'scores': overfitting_text.points(curve),
            'details': [overfitting_text.choices(curve)],
            'overfit': '',
            'further': [],
            'folded': [],
        }
        for curve in curves_of(results)
    ]
    if found:
        found[-1]['folded'] = [
            make(table) for table in results.tables for make in (tables.by_seed, tables.work)
        ]
    return found


def _grade(table: Table) -> str:
    """Return the colour of a finding: whether any method transferred knowledge, or any harmed."""
    verdicts = {text.verdict(cell) for cell in table.cells if is_method(cell.row)}
    if text.Verdict.TRANSFER in verdicts:
        return 'fit'
    return 'unfit' if text.Verdict.HARM in verdicts else 'partly'


def _curve_figures(curve: Curve) -> Iterator[tuple[str, Figure, str, str]]:
    """Yield name, figure, title and caption."""
    yield ('overfitting', gain_by_epochs(curve), 'Gain and overfitting of the target by epochs',
           'Mean and 95 % interval over seeds. Networks without regularisation are hollow; the '
           'ring is around the variant that is chosen on validation subjects.')


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
