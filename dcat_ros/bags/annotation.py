# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Labels corrected after recording, as CSV: `labels.csv` in a bag, and files that users write.

The columns are start, end, label and, where groups differ, group. Times are seconds, exact to the
nanosecond. A row with an empty label means that the interval has no label.
"""

from __future__ import annotations

from collections.abc import Sequence
import csv
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from itertools import pairwise
import os
from pathlib import Path
import re
from tempfile import TemporaryDirectory

from dcat_ros.bags.labels import Interval

FILE = 'labels.csv'
REQUIRED = ('start', 'end', 'label')
GROUP = 'group'
SECONDS = re.compile(r'[+-]?([0-9]{1,12}(\.[0-9]*)?|\.[0-9]+)')
NANOSECONDS = 10**9


@dataclass(frozen=True)
class Span:
    """The time span of a bag, and what times and missing groups of a CSV file mean for it.

    :param start: bag time of the first message, ns.
    :param end: one ns after the bag time of the last message.
    :param origin: bag time of 0 s in the file, ns: `start`, or 0 for Unix time.
    :param group: the group of rows without one; None if each row with a label must name one.
    """

    start: int
    end: int
    origin: int
    group: str | None

    def text(self, stamp: int) -> str:
        """Return a bag time (ns) as seconds in the file."""
        seconds = Decimal(stamp - self.origin).scaleb(-9)
        return f'{seconds:.9f}'.rstrip('0').rstrip('.')

    def stamp(self, text: str) -> int:
        """Return the bag time (ns) of seconds in the file.

        :raises ValueError: if the text is not a number.
        """
        if not SECONDS.fullmatch(text):
            raise ValueError(f'"{text}" is not a number of seconds: write it like 12.5')
        return self.origin + round(Decimal(text) * NANOSECONDS)


def read(path: Path, span: Span) -> list[Interval]:
    """Return the rows of a CSV file in order of time; rows that erase have an empty label.

    :raises OSError: if the file cannot be read.
    :raises ValueError: if it is invalid, naming file, line and value.
    """
    with path.open(encoding='utf-8-sig', newline='') as file:
        rows = csv.reader(file, strict=True)
        try:
            columns = _columns(next(rows, []))
            numbered = [
                (rows.line_num, _interval(columns, row, span))
                for row in rows if any(map(str.strip, row))
            ]
        except UnicodeDecodeError as error:
            raise ValueError(f'{path} is not UTF-8 text: save it as CSV in UTF-8') from error
        except (csv.Error, ValueError) as error:
            raise ValueError(f'{path}, line {max(rows.line_num, 1)}: {error}') from error
    numbered.sort(key=lambda item: item[1].start)
    for (line_before, before), (line, after) in pairwise(numbered):
        if after.start < before.end:
            raise ValueError(
                f'{path}, line {line}: {_shown(after, span)} overlaps line {line_before}, '
                f'{_shown(before, span)}: let one end where the other starts'
            )
    return [interval for _, interval in numbered]


def _columns(header: list[str]) -> list[str]:
    """Return the names of the columns.

    :raises ValueError: if they are not those of an annotation.
    """
    columns = [name.strip() for name in header]
    wanted = f'write {",".join(REQUIRED)}, and {GROUP} if need be'
    if not any(columns):
        raise ValueError(f'there is no header: {wanted}')
    for separator, name in ((';', 'semicolons'), ('\t', 'tabs')):
        if len(columns) == 1 and separator in columns[0]:
            raise ValueError(f'{name} separate the columns: save the file with commas')
    for name in REQUIRED:
        if name not in columns:
            raise ValueError(f'the header has no column "{name}": {wanted}')
    for name in columns:
        if name not in (*REQUIRED, GROUP):
            raise ValueError(f'the header has an unknown column "{name}": {wanted}')
        if columns.count(name) > 1:
            raise ValueError(f'the header has two columns "{name}": {wanted}')
    return columns


def _interval(columns: list[str], row: list[str], span: Span) -> Interval:
    """Return the interval that a row describes.

    :raises ValueError: if the row is invalid.
    """
    if len(row) != len(columns):
        raise ValueError(
            f'{len(row)} values for {len(columns)} columns: put a value that holds a comma in '
            'quotes, and write decimals with a point'
        )
    values = {name: value.strip() for name, value in zip(columns, row, strict=True)}
    start, end = span.stamp(values['start']), span.stamp(values['end'])
    if end <= start:
        raise ValueError(
            f'end {values["end"]} is not after start {values["start"]}: correct one of them'
        )
    label = values['label']
    interval = Interval(label, start, end, values.get(GROUP) or span.group or '')
    if start < span.start or end > span.end:
        raise ValueError(
            f'{_shown(interval, span)} is outside the bag, which lasts from '
            f'{span.text(span.start)} to {span.text(span.end)} s: keep within it; times count '
            'from its start, or with --absolute as Unix time does'
        )
    if label and not interval.group and span.group is None:
        raise ValueError(
            f'"{label}" has no group, and the bag has no subject that holds for all: name in the '
            f'column "{GROUP}" what must not be split between training and test'
        )
    return interval


def _shown(interval: Interval, span: Span) -> str:
    return f'{span.text(interval.start)} to {span.text(interval.end)} s'


def dump(intervals: Sequence[Interval], span: Span) -> str:
    """Return intervals as the text of a CSV file for `read`."""
    grouped = span.group is None or any(row.group != span.group for row in intervals)
    text = StringIO()
    table = csv.writer(text, lineterminator='\n')
    table.writerow([*REQUIRED, GROUP] if grouped else REQUIRED)
    for interval in intervals:
        row = [span.text(interval.start), span.text(interval.end), interval.label]
        table.writerow([*row, interval.group] if grouped else row)
    return text.getvalue()


def write(bag: Path, intervals: Sequence[Interval], span: Span) -> None:
    """Write a bag's `labels.csv` atomically.

    :raises OSError: if it cannot be written; an existing file stays as it is.
    """
    with TemporaryDirectory(prefix=f'.{FILE}.', dir=bag) as scratch:
        made = Path(scratch, FILE)
        with made.open('w', encoding='utf-8', newline='') as file:
            file.write(dump(intervals, span))
            file.flush()
            os.fsync(file.fileno())
        made.replace(bag / FILE)
