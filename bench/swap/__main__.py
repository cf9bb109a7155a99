# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Compare a swap of model or sensor at run time with that of a hand-written lifecycle node.

    python3 -m bench.swap

Takes three minutes; needs an otherwise idle machine and the extra dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from bench.common import command
from bench.common.graph import isolate
from bench.common.page import write_page
from bench.inference.scenarios import NODE, PEER
from bench.swap.trial import RATES, run, Swap, SWAPS
from rich.console import Console


def measure(
    swaps: list[str], repeats: int, console: Console
) -> dict[tuple[str, str], list[Swap]]:
    """Return the swaps by kind of swap and by kind of node.

    :raises BenchError: when a process fails.
    """
    results = {}
    with (
        TemporaryDirectory(prefix='dcat_bench_') as folder,
        command.progress_on(console) as progress,
    ):
        for kind in dict.fromkeys(swaps):
            for node in (NODE, PEER):
                results[kind, node] = run(node, kind, repeats, Path(folder), progress)
    return results


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = command.make_parser('swap', __doc__)
    parser.add_argument('--swap', nargs='+', choices=SWAPS, default=list(SWAPS),
                        help='what to swap (default: both)')
    parser.add_argument('--repeats', type=int, default=10, metavar='N',
                        help='swaps of each kind (default: 10)')
    args = parser.parse_args()
    command.require_at_least(parser, '--repeats', args.repeats, 1)
    return args


def main(args: argparse.Namespace, console: Console) -> bool:
    """Measure and write the page."""
    command.require_modules('the hand-written node', 'torch', 'onnx')
    command.require_writable(args.out)
    isolate()
    results = measure(args.swap, args.repeats, console)
    write_page(args.out, 'swap/page.md.j2', console, results=results, rates=RATES)
    return True


if __name__ == '__main__':
    sys.exit(command.run_bench(main, parse()))
