# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A swap of model or sensor at run time: our node beside a lifecycle node written by hand.

    python3 -m bench.swap

Takes three minutes; wants a machine that does nothing else, and the extra dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from bench.inference.nodes import NODE, PEER
from bench.rig.graph import isolate
from bench.rig.machine import machine
from bench.rig.program import add_page, exit_status, make_parser, progress_on, require_least
from bench.rig.ready import require_modules, require_writable
from bench.rig.tables import table
from bench.swap import page
from bench.swap.trial import run, SWAPS
from rich.console import Console


def measure(swaps: list[str], repeats: int, console: Console) -> page.Results:
    """Try both nodes at each kind of swap.

    :raises Failed: when something does not work.
    """
    results = {}
    with (
        TemporaryDirectory(prefix='dcat_bench_') as folder,
        progress_on(console) as progress,
    ):
        for what in dict.fromkeys(swaps):
            for kind in (NODE, PEER):
                results[what, kind] = run(kind, what, repeats, Path(folder), progress)
    return results


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser('swap', __doc__)
    parser.add_argument('--swap', nargs='+', choices=SWAPS, default=list(SWAPS),
                        help='what to swap (default: both)')
    parser.add_argument('--repeats', type=int, default=10, metavar='N',
                        help='swaps of each kind (default: 10)')
    add_page(parser, 'swap')
    args = parser.parse_args()
    require_least(parser, '--repeats', args.repeats, 1)
    return args


def main(args: argparse.Namespace, console: Console) -> int:
    """Measure, print and keep the results."""
    require_modules('the hand-written node', 'torch', 'onnx')
    require_writable(args.out)
    isolate()
    results = measure(args.swap, args.repeats, console)
    args.out.write_text(page.markdown(results), encoding='utf-8')
    console.print(table(page.rows(results), machine()))
    return 0


if __name__ == '__main__':
    sys.exit(exit_status(main, parse()))
