# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's report as Markdown: sentences and tables."""

from __future__ import annotations

from collections.abc import Iterable

from dcat_ros.evaluation.provenance import origin
from dcat_ros.evaluation.report import table_text as sheets
from dcat_ros.evaluation.report import text as account
from dcat_ros.evaluation.report.table_text import Sheet
from dcat_ros.evaluation.results import Results


def markdown(results: Results) -> str:
    """Return the report."""
    parts = [f'# {results.study.title}', *account.asked(results)]
    if said := account.progress(results):
        parts.append(f'**{said}**')
    parts += ['## Scores', *(_sheet(sheets.main(table), 3) for table in results.tables)]
    parts += [_list(account.READING)]
    parts += ['## Found', _list(account.findings(results))]
    parts += ['## Details']
    for table in results.tables:
        parts += [
            _sheet(sheets.by_seed(table), 3),
            f'Overfitting of the source against gain: {account.overfit(table)}',
            _sheet(sheets.work(table), 3),
            *(_sheet(sheets.by_class(table, share), 3) for share in table.shares),
        ]
    if results.failures:
        parts.append(_sheet(sheets.failures(results), 2))
    parts += ['## Origin', _list(origin(results))]
    return '\n\n'.join(parts) + '\n'


def _sheet(sheet: Sheet, level: int) -> str:
    lines = [sheet.head, ['---'] * len(sheet.head), *sheet.rows]
    table = '\n'.join(f'| {" | ".join(map(_cell, line))} |' for line in lines)
    return f'{"#" * level} {sheet.title}\n\n{table}'


def _cell(text: str) -> str:
    return ' '.join(text.replace('|', '\\|').replace('*', '\\*').split())


def _list(sentences: Iterable[str]) -> str:
    return '\n'.join(f'- {sentence}' for sentence in sentences)
