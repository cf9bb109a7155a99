# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Correct the labels of a recorded bag; the recorded data stay as they are.

FILE is a CSV file with the header `start,end,label`; times are seconds from the start of the bag.
Its rows replace the labels that they overlap. A row with an empty label removes them. Without
FILE, the present labels are printed in that form, to be edited and given back:

    dcat annotate BAG > edited.csv
    dcat annotate BAG edited.csv

A fourth column, group, names what must not be split between training and test; by default that is
the bag's subject. The result is labels.csv in the bag, which replaces the recorded labels;
--revert removes it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
import sys

from dcat_ros.bags import annotation
from dcat_ros.bags.labels import Interval, overlay
from dcat_ros.bags.reader import BagError, BagReader
from rich.console import Console
from rich.table import Column, Table


def annotate(reader: BagReader, args: argparse.Namespace, span: annotation.Span) -> None:
    """Write or remove a bag's annotation.

    :raises BagError: if the present labels cannot be read.
    :raises OSError: if a file cannot be read or written.
    :raises ValueError: if the CSV file is invalid, or there is nothing to revert.
    """
    if args.revert:
        if not (reader.path / annotation.FILE).exists():
            raise ValueError(f'{reader.path} has no {annotation.FILE}: nothing to revert')
        (reader.path / annotation.FILE).unlink()
        return
    rows = annotation.read(args.file, span)
    if not rows and not args.replace:
        raise ValueError(
            f'{args.file} has no rows, so nothing changes: add some, or give --replace too to '
            'remove all labels'
        )
    present = [] if args.replace else reader.labels()
    annotation.write(reader.path, overlay(present, rows), reader.span)


def comparison(before: Sequence[Interval] | None, after: Sequence[Interval]) -> Table:
    """Return a table of the number and seconds of each label's intervals.

    :param before: None if the labels could not be read.
    """
    headers = (Column(name, justify='right') for name in ('before', 'seconds', 'after', 'seconds'))
    table = Table('label', *headers, title='intervals and seconds of each label')
    for label in sorted({interval.label for interval in (*(before or ()), *after)}):
        table.add_row(label, *totals(before, label), *totals(after, label))
    table.add_section()
    table.add_row('all', *totals(before), *totals(after))
    return table


def totals(intervals: Sequence[Interval] | None, label: str = '') -> tuple[str, str]:
    """Return number and seconds of the intervals with a label, by default of all."""
    if intervals is None:
        return '?', '?'
    lengths = [interval.end - interval.start for interval in intervals
               if label in ('', interval.label)]
    return str(len(lengths)), f'{sum(lengths) / annotation.NANOSECONDS:.1f}'


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='annotate', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('bag', type=Path, metavar='BAG', help='directory of a rosbag2 bag')
    add('file', type=Path, nargs='?', metavar='FILE', help='CSV file of labels')
    add('--absolute', action='store_true', help='times are Unix times in seconds')
    add('--replace', action='store_true', help='discard the present labels')
    add('--revert', action='store_true', help='restore the recorded labels')
    args = parser.parse_args(argv)
    if args.replace and args.file is None:
        parser.error('--replace needs FILE')
    if args.revert and (args.file or args.replace or args.absolute):
        parser.error('--revert goes with nothing but BAG')
    return args


def main(argv: list[str] | None = None) -> int:
    """Annotate; 1 when that cannot be done, else 0."""
    args = parse(argv)
    try:
        with BagReader(args.bag) as reader:
            span = replace(reader.span, origin=0) if args.absolute else reader.span
            if args.file is None and not args.revert:
                print(annotation.dump(reader.labels(), span), end='')
                return 0
            try:
                before = reader.labels()
            except BagError:
                before = None  # invalid labels may be replaced
            annotate(reader, args, span)
            Console(markup=False, highlight=False).print(comparison(before, reader.labels()))
    except (BagError, OSError, ValueError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0
