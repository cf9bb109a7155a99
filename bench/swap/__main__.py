# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A swap of model or sensor at run time: our node beside a lifecycle node written by hand.

    python3 -m bench.swap

Takes three minutes; wants a machine that does nothing else, and the extra dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import signal
import sys
from tempfile import TemporaryDirectory

from bench.inference.nodes import NODE, PEER
from bench.inference.ready import require_training, require_writable
from bench.inference.tables import table
from bench.machine import machine
from bench.recorder.graph import isolate
from bench.recorder.process import Failed
from bench.swap import page
from bench.swap.trial import run, SWAPS
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

RESULTS = Path(__file__).parents[1] / 'results' / 'swap.md'


def measure(swaps: list[str], repeats: int, console: Console) -> page.Results:
    """Try both nodes at each kind of swap.

    :raises Failed: when something does not work.
    """
    columns = TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn()
    results = {}
    with (
        TemporaryDirectory(prefix='dcat_bench_') as folder,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        progress.add_task('in all', total=None)
        for what in dict.fromkeys(swaps):
            for kind in (NODE, PEER):
                results[what, kind] = run(kind, what, repeats, Path(folder), progress)
    return results


def main() -> int:
    """Measure, print and keep the results."""
    parser = argparse.ArgumentParser(
        prog='python3 -m bench.swap', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--swap', nargs='+', choices=SWAPS, default=list(SWAPS),
                        help='what to swap (default: both)')
    parser.add_argument('--repeats', type=int, default=10, metavar='N',
                        help='swaps of each kind (default: 10)')
    parser.add_argument('--out', type=Path, default=RESULTS, metavar='FILE',
                        help='where to keep the page (default: bench/results/swap.md)')
    args = parser.parse_args()
    if args.repeats < 1:
        parser.error(f'--repeats is {args.repeats}, expected 1 or more')
    console = Console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require_training()
        require_writable(args.out)
        isolate()
        results = measure(args.swap, args.repeats, console)
        args.out.write_text(page.markdown(results), encoding='utf-8')
    except (Failed, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        console.print('ended early')
        return 1
    console.print(table(page.rows(results), machine()))
    return 0


if __name__ == '__main__':
    sys.exit(main())
