# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Measure networks on another data set than they were trained on, and their adaptation to it.

    dcat import_utd_mhad UTD-MHAD bags/utd
    dcat import_sp_sw_har SP_SW_HAR bags/sp
    python3 -m bench.domain_shift --utd bags/utd --sp bags/sp --out runs/domain_shift

Needs the extra dcat_ros[train]. A stopped run continues with the same --out.
"""

from __future__ import annotations

import argparse
from pathlib import Path
import sys

from bench.common import command
from bench.common.page import write_page
from rich.console import Console


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = command.make_parser('domain_shift', __doc__, '--page')
    parser.add_argument('--utd', type=Path, required=True, metavar='BAGS', help='of UTD-MHAD')
    parser.add_argument('--sp', type=Path, required=True, metavar='BAGS',
                        help='of SP/SW-HAR with both sensors')
    parser.add_argument('--out', type=Path, required=True, metavar='DIR',
                        help='for windows and fits')
    parser.add_argument('--seeds', type=int, default=5, metavar='N', help='(default: 5)')
    args = parser.parse_args()
    command.require_at_least(parser, '--seeds', args.seeds, 2)
    return args


def main(args: argparse.Namespace, console: Console) -> bool:
    """Fit, score, and write the page and, beside it, the JSON; return True."""
    command.require_modules('training', 'lightning', 'torch')
    command.require_writable(args.page)
    from bench.domain_shift.measure import measure
    from bench.domain_shift.page import values

    path = args.page.with_suffix('.json')
    with command.progress_on(console) as progress:
        measure(args.utd, args.sp, args.out, path, args.seeds, progress)
    write_page(args.page, 'domain_shift/page.md.j2', console, **values(path))
    return True


if __name__ == '__main__':
    sys.exit(command.run_bench(main, parse()))
