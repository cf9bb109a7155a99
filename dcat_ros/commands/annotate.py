# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Correct the labels of a bag afterwards, leaving its recorded data as they are.

FILE is a CSV file with the header `start,end,label`, times in seconds from the start of the bag.
Its rows overwrite what they overlap, all else stays; a row with an empty label erases. Without
FILE the present labels are printed in that form, to be edited and given back:

    dcat annotate BAG > edited.csv
    dcat annotate BAG edited.csv

A fourth column, group, names what must not be split between training and test; without it, that
is the bag's subject. The result is labels.csv in the bag, which counts instead of what was
recorded; --revert removes it.
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
from rich.table import Table


def annotate(reader: BagReader, file: Path, from_nothing: bool, absolute: bool) -> None:
    """Lay the rows of a file over a bag's labels.

    :param from_nothing: forget the present labels.
    :param absolute: times are Unix times.
    :raises BagError: when the present labels cannot be read.
    :raises OSError: when a file cannot be read or written.
    :raises ValueError: when the file is not as it should be.
    """
    rows = annotation.read(file, span_of(reader, absolute))
    if not rows and not from_nothing:
        raise ValueError(
            f'{file} has no rows, so nothing changes: add some, or give --replace too to remove '
            'all labels'
        )
    below = [] if from_nothing else reader.labels()
    annotation.write(reader.path, overlay(below, rows), reader.span)


def revert(reader: BagReader) -> None:
    """Remove a bag's annotation.

    :raises ValueError: when there is none.
    :raises OSError: when it cannot be removed.
    """
    try:
        (reader.path / annotation.FILE).unlink()
    except FileNotFoundError as error:
        raise ValueError(f'{reader.path} has no {annotation.FILE}: nothing to revert') from error


def span_of(reader: BagReader, absolute: bool) -> annotation.Span:
    """Return how a CSV file counts time."""
    return replace(reader.span, origin=0) if absolute else reader.span


def readable_labels(reader: BagReader) -> list[Interval] | None:
    """Return a bag's labels, None when they are faulty: what replaces them need not read them."""
    try:
        return reader.labels()
    except BagError:
        return None


def comparison(before: Sequence[Interval] | None, after: Sequence[Interval]) -> Table:
    """Return the table of intervals and seconds of each label."""
    table = Table('label', title='intervals and seconds of each label')
    for column in ('before', 'seconds', 'after', 'seconds'):
        table.add_column(column, justify='right')
    labels = sorted({interval.label for interval in (*(before or ()), *after)})
    for label in labels:
        table.add_row(label, *totals(before, label), *totals(after, label))
    table.add_section()
    table.add_row('all', *totals(before), *totals(after))
    return table


def totals(intervals: Sequence[Interval] | None, label: str = '') -> tuple[str, str]:
    """Return number and seconds of the intervals with a label, or of all."""
    if intervals is None:
        return '?', '?'
    chosen = [interval for interval in intervals if label in ('', interval.label)]
    length = sum(interval.end - interval.start for interval in chosen)
    return str(len(chosen)), f'{length / annotation.NANOSECONDS:.1f}'


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='annotate',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('bag', type=Path, metavar='BAG', help='directory of a rosbag2 bag')
    add('file', type=Path, nargs='?', metavar='FILE', help='CSV file of labels')
    add('--absolute', action='store_true', help='times are Unix times in seconds')
    add('--replace', action='store_true', help='forget the present labels')
    add('--revert', action='store_true', help='go back to the labels that were recorded')
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
            if args.file is None and not args.revert:
                print(annotation.dump(reader.labels(), span_of(reader, args.absolute)), end='')
                return 0
            before = readable_labels(reader)
            if args.revert:
                revert(reader)
            else:
                annotate(reader, args.file, args.replace, args.absolute)
            Console(markup=False, highlight=False).print(comparison(before, reader.labels()))
    except (BagError, OSError, ValueError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
