# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Report on bags: `dcat bag report BAG` says whether a bag is fit for training, and why.

It prints counts, gaps, offsets and labels, and writes them to BAG/report.json and, with pictures,
to BAG/report.html. The exit status is 0 if all bags are fit, 2 if one is not or only partly fit,
and 1 if one cannot be read or its report cannot be written.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import json
from pathlib import Path
import sys

from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.reports.build import build_report
from dcat_ros.reports.document import document
from dcat_ros.reports.page import page
from dcat_ros.reports.report import Report
from dcat_ros.reports.terminal import show, verdict_line
from dcat_ros.reports.verdict import judge, Verdict
from rich.console import Console
from rich.progress import Progress

FIT, FAILED, UNFIT = 0, 1, 2


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='bag', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(metavar='VERB', required=True)
    report = verbs.add_parser(
        'report', help='say whether bags are fit for training', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    report.add_argument('bags', type=Path, nargs='+', metavar='BAG', help='directory of a bag')
    report.add_argument('--out', type=Path, metavar='DIR',
                        help='directory for report.html and report.json (default: BAG)')
    report.add_argument('--quiet', action='store_true', help='print the verdict line only')
    args = parser.parse_args(argv)
    if args.out and len(args.bags) > 1:
        parser.error('--out takes the report of one BAG')
    return args


def write(report: Report, verdict: Verdict, out: Path) -> None:
    """Write report.json and report.html, each completely or not at all.

    :param out: their directory, created if necessary.
    :raises OSError: if a file cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    texts = {
        'report.json': json.dumps(document(report, verdict), indent=1) + '\n',
        'report.html': page(report, verdict),
    }
    for name, text in texts.items():
        part = out / f'.{name}.part'
        part.write_text(text, encoding='utf-8')
        part.replace(out / name)


def report_on(bag: Path, out: Path, quiet: bool, console: Console) -> int:
    """Report on one bag and return the exit status."""
    progress = Progress(console=console, transient=True, disable=not console.is_terminal)
    try:
        with BagReader(bag) as reader:
            total = (reader.end - reader.start) / NANOSECONDS if reader.message_count else None
        with progress:
            task = progress.add_task(f'reading {bag.name}', total=total)
            report = build_report(bag, lambda seconds: progress.advance(task, seconds))
    except (BagError, OSError) as error:
        console.print(f'error: {error}')
        return FAILED
    verdict = judge(report)
    if not quiet:
        show(report, verdict, Console(markup=False, highlight=False))
    print(verdict_line(report, verdict))
    try:
        write(report, verdict, out)
    except OSError as error:
        console.print(
            f'error: the report cannot be written to {out} ({error.strerror}): give --out DIR')
        return FAILED
    if not quiet:
        print(out / 'report.html')
    return FIT if verdict.fit else UNFIT


def main(argv: Sequence[str] | None = None) -> int:
    """Report; 0 if every bag is fit, 2 if one is not, 1 if one has no report."""
    args = parse(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    codes = [report_on(bag, args.out or bag, args.quiet, console) for bag in args.bags]
    return FAILED if FAILED in codes else max(codes)


if __name__ == '__main__':
    sys.exit(main())
