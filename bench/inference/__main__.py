# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Compare the inference node with a hand-written one that has the same weights.

    python3 -m bench.inference

Takes nine minutes; needs an otherwise idle machine and the extra dcat_ros[train].
"""

from __future__ import annotations

import argparse
from pathlib import Path
import sys
from tempfile import TemporaryDirectory

from bench.common import command
from bench.common.graph import isolate
from bench.common.page import write_page
from bench.inference.messages import COLUMNS, ROWS
from bench.inference.results import Result
from bench.inference.scenarios import (
    BASELINE,
    CLASSIFYING,
    KINDS,
    PEERS,
    prepare,
    Scenario,
    SCENARIOS,
)
from bench.inference.trial import run
from dcat_ros.arguments import positive
from rich.console import Console

LEAST = 2.0
"""Seconds; a shorter trial may end before the first answer."""


def measure(scenario: Scenario, rounds: int, seconds: float, console: Console) -> Result:
    """Measure all kinds of nodes in turn, several times, so that drift affects all alike.

    :raises BenchError: when a process fails.
    """
    with (
        TemporaryDirectory(prefix='dcat_bench_') as folder,
        command.progress_on(console) as progress,
    ):
        prepared = prepare(scenario.bundle, scenario.rate, Path(folder))
        trials = []
        for number in range(rounds):
            for place in range(len(KINDS)):
                kind = KINDS[(number + place) % len(KINDS)]
                duration = seconds if kind in CLASSIFYING else seconds / 2
                trial = run(kind, scenario, prepared, duration, progress)
                trials.append(trial)
                share = trial.usage.cpu / trial.usage.seconds
                console.print(f'{scenario.title}, {kind}: {share:.3f} cores')
    return Result(scenario, prepared, trials)


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = command.make_parser('inference', __doc__)
    parser.add_argument('--scenario', nargs='+', choices=SCENARIOS, default=list(SCENARIOS),
                        help='what to measure (default: all)')
    parser.add_argument('--duration', type=positive, default=7.0, metavar='S',
                        help='of each node in each round, at least 2 (default: 7)')
    parser.add_argument('--rounds', type=int, default=2, metavar='N',
                        help='of all nodes of a scenario (default: 2)')
    args = parser.parse_args()
    command.require_at_least(parser, '--duration', args.duration, LEAST)
    command.require_at_least(parser, '--rounds', args.rounds, 1)
    return args


def main(args: argparse.Namespace, console: Console) -> bool:
    """Measure and write the page; return whether all targets are met."""
    command.require_modules('the hand-written node', 'torch', 'onnx')
    command.require_writable(args.out)
    isolate()
    results = [
        measure(SCENARIOS[name], args.rounds, args.duration, console)
        for name in dict.fromkeys(args.scenario)
    ]
    write_page(
        args.out, 'inference/page.md.j2', console, results=results, rounds=args.rounds,
        seconds=args.duration, kinds=KINDS, classifying=CLASSIFYING, peers=PEERS,
        baseline=BASELINE, rows=ROWS, columns=COLUMNS,
    )
    return all(
        target.met for result in results for kind in PEERS for target in result.targets(kind)
    )


if __name__ == '__main__':
    sys.exit(command.run_bench(main, parse()))
