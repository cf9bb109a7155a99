# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inference node beside one written by hand with the same weights.

    python3 -m bench.inference

Takes nine minutes; wants a machine that does nothing else, and the extra dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import signal
import sys
from tempfile import TemporaryDirectory

from bench.inference import page, tables
from bench.inference.nodes import ANSWERING, KINDS, PEERS
from bench.inference.prepared import prepared
from bench.inference.ready import require_training, require_writable
from bench.inference.results import Result
from bench.inference.scenario import Scenario, SCENARIOS
from bench.inference.trial import run
from bench.machine import machine
from bench.recorder.graph import isolate
from bench.recorder.process import Failed
from dcat_ros.arguments import positive
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

RESULTS = Path(__file__).parents[1] / 'results' / 'inference.md'
LEAST = 2.0


def measure(scenario: Scenario, rounds: int, seconds: float, console: Console) -> Result:
    """Try all kinds of nodes in turn, several times, so that whatever drifts hits all alike.

    :raises Failed: when something does not work.
    """
    columns = TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn()
    with (
        TemporaryDirectory(prefix='dcat_bench_') as folder,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        progress.add_task('in all', total=None)
        known = prepared(scenario.bundle, scenario.rate, Path(folder))
        trials = []
        for number in range(rounds):
            for place in range(len(KINDS)):
                kind = KINDS[(number + place) % len(KINDS)]
                lasting = seconds if kind in ANSWERING else seconds / 2
                trial = run(kind, scenario, known, lasting, progress)
                trials.append(trial)
                share = trial.usage.cpu / trial.usage.seconds
                console.print(f'{scenario.title}, {kind}: {share:.3f} cores')
    return Result(scenario, known, trials)


def main() -> int:
    """Measure, print and keep the results; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(
        prog='python3 -m bench.inference', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--scenario', nargs='+', choices=SCENARIOS, default=list(SCENARIOS),
                        help='what to measure (default: all)')
    parser.add_argument('--duration', type=positive, default=7.0, metavar='S',
                        help='of each node in each round, at least 2 (default: 7)')
    parser.add_argument('--rounds', type=int, default=2, metavar='N',
                        help='of all nodes of a scenario (default: 2)')
    parser.add_argument('--out', type=Path, default=RESULTS, metavar='FILE',
                        help='where to keep the page (default: bench/results/inference.md)')
    args = parser.parse_args()
    if args.duration < LEAST:
        parser.error(f'--duration is {args.duration:g} s, too short for an answer: give {LEAST:g}')
    if args.rounds < 1:
        parser.error(f'--rounds is {args.rounds}, expected 1 or more')
    console = Console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        require_training()
        require_writable(args.out)
        isolate()
        results = [
            measure(SCENARIOS[name], args.rounds, args.duration, console)
            for name in dict.fromkeys(args.scenario)
        ]
        text = page.markdown(results, args.rounds, args.duration)
        args.out.write_text(text, encoding='utf-8')
    except (Failed, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        console.print('ended early')
        return 1
    console.print(tables.table(page.speed(results), machine()))
    console.print(tables.table(page.size(results), 'memory of a node, and start-up'))
    console.print(tables.table(page.bars(results), 'bars'))
    for remark in page.remarks(results):
        console.print(remark)
    bars = [bar for result in results for kind in PEERS for bar in result.bars(kind)]
    return 0 if all(bar.met for bar in bars) else 1


if __name__ == '__main__':
    sys.exit(main())
