# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inference node beside one written by hand with the same weights.

    python3 -m bench.inference

Takes nine minutes; wants a machine that does nothing else, and the extra dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from bench.inference import page
from bench.inference.nodes import ANSWERING, KINDS, PEERS
from bench.inference.prepared import prepared
from bench.inference.results import Result
from bench.inference.scenario import Scenario, SCENARIOS
from bench.inference.trial import run
from bench.rig import tables
from bench.rig.graph import isolate
from bench.rig.machine import machine
from bench.rig.program import add_page, exit_status, make_parser, progress_on, require_least
from bench.rig.ready import require_modules, require_writable
from dcat_ros.arguments import positive
from rich.console import Console

LEAST = 2.0


def measure(scenario: Scenario, rounds: int, seconds: float, console: Console) -> Result:
    """Try all kinds of nodes in turn, several times, so that whatever drifts hits all alike.

    :raises Failed: when something does not work.
    """
    with (
        TemporaryDirectory(prefix='dcat_bench_') as folder,
        progress_on(console) as progress,
    ):
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


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = make_parser('inference', __doc__)
    parser.add_argument('--scenario', nargs='+', choices=SCENARIOS, default=list(SCENARIOS),
                        help='what to measure (default: all)')
    parser.add_argument('--duration', type=positive, default=7.0, metavar='S',
                        help='of each node in each round, at least 2 (default: 7)')
    parser.add_argument('--rounds', type=int, default=2, metavar='N',
                        help='of all nodes of a scenario (default: 2)')
    add_page(parser, 'inference')
    args = parser.parse_args()
    if args.duration < LEAST:
        parser.error(f'--duration is {args.duration:g} s, too short for an answer: give {LEAST:g}')
    require_least(parser, '--rounds', args.rounds, 1)
    return args


def main(args: argparse.Namespace, console: Console) -> int:
    """Measure, print and keep the results; return 1 when a bar is missed."""
    require_modules('the hand-written node', 'torch', 'onnx')
    require_writable(args.out)
    isolate()
    results = [
        measure(SCENARIOS[name], args.rounds, args.duration, console)
        for name in dict.fromkeys(args.scenario)
    ]
    text = page.markdown(results, args.rounds, args.duration)
    args.out.write_text(text, encoding='utf-8')
    console.print(tables.table(page.speed(results), machine()))
    console.print(tables.table(page.size(results), 'memory of a node, and start-up'))
    console.print(tables.table(page.bars(results), 'bars'))
    for remark in page.remarks(results):
        console.print(remark)
    bars = [bar for result in results for kind in PEERS for bar in result.bars(kind)]
    return 0 if all(bar.met for bar in bars) else 1


if __name__ == '__main__':
    sys.exit(exit_status(main, parse()))
