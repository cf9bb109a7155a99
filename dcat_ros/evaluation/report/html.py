# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from dcat_ros.evaluation.provenance import origin
from dcat_ros.evaluation.report import curve_figures as curves
from dcat_ros.evaluation.report import score_figures as figures
from dcat_ros.evaluation.report import table_text as sheets
from dcat_ros.evaluation.report import text as account
from dcat_ros.evaluation.report.findings import Verdict, verdict
from dcat_ros.evaluation.report.table_text import heading, Sheet
from dcat_ros.evaluation.report.wording import share_text
from dcat_ros.evaluation.results import Results
from dcat_ros.evaluation.rows import is_method, UNIMODAL
from dcat_ros.evaluation.tables import Table
from dcat_ros.reports import html
from dcat_ros.reports.svg import inline
from matplotlib.figure import Figure


def page(results: Results) -> str:
    """Return the page; it is well-formed XML too."""
    title = escape(results.study.title)
    asked = ''.join(f'<p>{escape(sentence)}</p>\n' for sentence in account.asked(results))
    said = escape(account.progress(results))
    sections = [
        f'<h1>{title}</h1>\n{asked}',
        f'<div class="verdict partly">{said}</div>' if said else '',
        '<h2>Scores</h2>',
        *(_sheet(sheets.main(table)) for table in results.tables),
        _list(account.READING, 'hint'),
        f'<h2>Found</h2>\n{_findings(results)}',
        *(part for number, table in enumerate(results.tables) for part in _drawn(table, number)),
        '<h2>Details</h2>',
        *(part for table in results.tables for part in _details(table)),
        _sheet(sheets.failures(results)) if results.failures else '',
        f'<h2>Origin</h2>\n{_list(origin(results), "hint")}',
    ]
    return html.document(results.study.title, sections)


def _findings(results: Results) -> str:
    boxes = []
    for table, sentence in zip(results.tables, account.findings(results), strict=True):
        where, _, what = sentence.partition(': ')
        boxes.append(
            f'<div class="verdict {_grade(table)}"><b>{escape(where)}</b><br/>{escape(what)}</div>'
        )
    return '\n'.join(boxes)


def _grade(table: Table) -> str:
    """Return the colour of a finding: whether any method transferred, or any harmed."""
    verdicts = {verdict(cell) for cell in table.cells if is_method(cell.row)}
    if Verdict.TRANSFER in verdicts:
        return 'fit'
    return 'unfit' if Verdict.HARM in verdicts else 'partly'


def _drawn(table: Table, number: int) -> Iterator[str]:
    """Yield the figures of a table; those of a single share are of the smallest."""
    yield f'<h2>{escape(heading(table))}</h2>'
    least = table.shares[-1]
    yield _picture(figures.scores(table), f'scores{number}', 'Macro-F1 by share of labels',
                   'Mean and 95 % interval over seeds, and each seed. Controls are hollow.')
    yield _picture(figures.gains(table, least), f'gains{number}', 'Gains by class',
                   f'Mean F1 of the seeds less that of unimodal, {share_text(least)}.')
    shown = [cell for cell in (table.cell(UNIMODAL, least), table.best(least)) if cell]
    yield _picture(figures.confusion(table, shown), f'confusion{number}', 'Confusions',
                   'Rows are the classes, columns the answers, all seeds together.')
    yield _picture(curves.learning(table, least), f'learning{number}', 'Learning',
                   'Mean of the seeds. A loss holds all terms that the row is taught by.')
    yield _picture(curves.calibration(table, least), f'calibration{number}', 'Calibration',
                   'Clips by their highest score, all seeds together; on the diagonal, scores '
                   'mean what they say. ECE: expected calibration error.')
    if table.points:
        yield _picture(figures.overfit(table), f'overfit{number}',
                       'Gain against the source’s overfitting', account.overfit(table))


def _details(table: Table) -> Iterator[str]:
    yield _sheet(sheets.by_seed(table))
    yield _sheet(sheets.work(table))
    for share in table.shares:
        sheet = sheets.by_class(table, share)
        yield f'<details><summary>{escape(sheet.title)}</summary>\n{_rows(sheet)}</details>'


def _picture(figure: Figure, name: str, title: str, hint: str) -> str:
    svg = inline(figure, name, title)
    return (
        f'<h3>{escape(title)}</h3>\n<div class="scroll">{svg}</div>\n'
        f'<p class="hint">{escape(hint)}</p>\n'
    )


def _sheet(sheet: Sheet) -> str:
    return f'<h3>{escape(sheet.title)}</h3>\n{_rows(sheet)}'


def _rows(sheet: Sheet) -> str:
    rows = [[(escape(cell), False) for cell in row] for row in sheet.rows]
    return html.table(map(escape, sheet.head), rows)


def _list(sentences: Iterable[str], style: str) -> str:
    items = ''.join(f'<li>{escape(sentence)}</li>\n' for sentence in sentences)
    return f'<ul class="{style}">{items}</ul>'
