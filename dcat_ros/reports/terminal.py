# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The report as tables in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from dcat_ros.pages.text import counted, seconds, size
from dcat_ros.reports.cells import cells, clock_cell
from dcat_ros.reports.report import Report
from dcat_ros.reports.topic import Topic
from dcat_ros.reports.verdict import Verdict
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

STYLES = {'fit': 'bold green', 'partly': 'bold yellow', 'unfit': 'bold red'}
SHOWN = ('Hz', 'received', 'written', 'dropped', 'disorder', 'gaps', 'worst age')


def show(report: Report, verdict: Verdict, console: Console) -> None:
    """Print a report but for its verdict line."""
    console.print(Text(report.name, 'bold'), Text(
        f'{seconds(report.duration)}, {size(report.size)}, '
        f'{counted(report.messages, "message")}'
    ))
    tables = [_topics(report.topics)]
    if report.pairs:
        tables.append(_offsets(report))
    if report.activities:
        tables.append(_activities(report))
    for table in tables:
        console.print()
        console.print(table)
    console.print()
    for style, remarks in (('red', verdict.findings), ('', verdict.notes)):
        for remark in remarks:
            console.print(Text(f'{"✗" if style else "·"} {remark}', style))


def verdict_line(report: Report, verdict: Verdict) -> Text:
    """Return the line that says it all."""
    return Text(f'{report.name}: {verdict.line}', STYLES[verdict.grade])


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    for number, column in enumerate(columns):
        table.add_column(
            column, justify='right' if number else 'left', no_wrap=number > 0, overflow='fold'
        )
    return table


def _topics(topics: Sequence[Topic]) -> Table:
    table = _table('topic', *SHOWN)
    for topic in topics:
        numbers = cells(topic)
        texts = [Text(numbers[name].text, 'red' * numbers[name].alarm) for name in SHOWN]
        table.add_row(Text(topic.title), *texts)
    return table


def _offsets(report: Report) -> Table:
    table = _table('offset to the nearest of the other', 'median', 'worst', 'clock ahead')
    for pair in report.pairs:
        table.add_row(
            Text(f'{pair.slower} to {pair.faster}'), seconds(pair.median), seconds(pair.worst),
            clock_cell(pair.clock).text,
        )
    return table


def _activities(report: Report) -> Table:
    table = _table('label', 'count', 'total', 'shortest', 'longest')
    for each in report.activities:
        times = (seconds(value) for value in (each.total, each.shortest, each.longest))
        table.add_row(Text(each.label), f'{each.count}', *times)
    return table
