# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Compare the inference node on a colour camera with a node written by hand with mediapipe.

    python3 -m bench.pose --video FILE --mediapipe DIRECTORY

FILE shows a person. DIRECTORY has mediapipe 0.10.21 and what it needs, by `pip install --target
DIRECTORY mediapipe==0.10.21`; it needs numpy < 2, so it cannot share an environment with this
package. Takes two minutes; needs an otherwise idle machine and the extras train and pose.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
import json
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import time
from unittest.mock import patch

from bench.common import command
from bench.common.graph import isolate
from bench.common.page import Target, write_page
from bench.common.process import BenchError, Process, running
from bench.inference.listener import Answer
from bench.inference.scenarios import prepare
from bench.inference.trial import latencies_of, measure_usage, Usage
from dcat_ros.arguments import positive
import numpy as np
from rich.console import Console

RATE, BUNDLE = 30, 'pose_utd_mhad'
NODE, PEER = 'dcat inference', 'hand-written, mediapipe'
POSE_RATES = (15.0, 0.0, 10.0)
"""Most poses a second: the default, every image, and those of a target."""
SETTLING = 3.0
HALF, P99, CORES = 0.5, 0.6, 0.2


@dataclass(frozen=True)
class Row:
    """One node: what it used, and its latencies in s."""

    kind: str
    usage: Usage
    latencies: Sequence[float]

    @property
    def cores(self) -> float:
        """Return the share of a core."""
        return self.usage.cpu / self.usage.seconds

    def quantile(self, share: float) -> float:
        """Return a quantile of the latencies, s."""
        return float(np.quantile(self.latencies, share))


def measure(
    kind: str, module: str, arguments: Sequence[str], path: str, args: argparse.Namespace
) -> Row:
    """Start a camera and a node, and measure the node.

    :param path: PYTHONPATH of the node.
    :raises BenchError: when a process fails, or the node does not answer.
    """
    with TemporaryDirectory(prefix='dcat_bench_') as folder, ExitStack() as stack:
        def start(module: str, arguments: Sequence[str], name: str) -> Process:
            (Path(folder) / name).mkdir()
            return stack.enter_context(running(module, arguments, Path(folder) / name))

        camera = start('bench.pose.camera', [str(args.video), str(RATE)], 'camera')
        listener = start('bench.inference.listener', ['node'], 'listener')
        lines = listener.lines()
        next(lines)
        with patch.dict(os.environ, {'PYTHONPATH': path}):
            node = start(module, arguments, 'node')
        if not next(lines, ''):
            raise BenchError('the node gave no answer')
        time.sleep(SETTLING)
        used = measure_usage([node], args.duration, lambda passed: None)
        camera.finish()
        node.interrupt()
        answers = [Answer(*fields) for fields in json.loads(listener.interrupt())]
    latencies = latencies_of(answers, used)
    if not latencies:
        raise BenchError(f'no answer of {kind} within {args.duration:g} s')
    return Row(kind, used, latencies)


def rows(args: argparse.Namespace, console: Console) -> list[Row]:
    """Measure all nodes.

    :raises BenchError: when a process fails.
    """
    found = []
    with TemporaryDirectory(prefix='dcat_bench_') as folder:
        prepared = prepare(BUNDLE, 20, Path(folder))
        peer = [str(prepared.path), str(RATE)]
        jobs = [(PEER, 'bench.pose.peer', peer)]
        for rate in POSE_RATES:
            title = f'{rate:g} poses/s' if rate else 'every image'
            jobs.append((f'{NODE}, {title}', 'dcat_ros.nodes.inference.node', [
                '--ros-args', '-r', '__node:=node', '-p', 'modality:=camera',
                '-p', f'camera.bundle:={BUNDLE}', '-p', f'camera.pose_rate:={rate}',
            ]))
        for kind, module, arguments in jobs:
            path = str(args.mediapipe) if kind == PEER else ''
            row = measure(kind, module, arguments, path, args)
            console.print(f'{kind}: {row.cores:.2f} cores')
            found.append(row)
    return found


def targets_of(row: Row, peer: Row) -> list[Target]:
    """Return the targets of the node relative to the hand-written one."""
    return [
        Target.at_most('CPU', row.cores / peer.cores, HALF),
        Target.at_most('memory', row.usage.resident / peer.usage.resident, HALF),
        Target.at_most('p99', row.quantile(0.99) / peer.quantile(0.99), P99),
    ]


def main(args: argparse.Namespace, console: Console) -> bool:
    """Measure and write the page; return whether all targets are met."""
    command.require_modules('the hand-written node', 'torch', 'ai_edge_litert')
    command.require_writable(args.out)
    isolate()
    peer, *nodes = rows(args, console)
    at_ten = Target.at_most('cores at 10 poses/s', nodes[-1].cores, CORES)
    write_page(
        args.out, 'pose/page.md.j2', console, peer=peer, nodes=nodes, targets_of=targets_of,
        at_ten=at_ten, seconds=args.duration, rate=RATE,
    )
    return at_ten.met and all(
        target.met for row in nodes for target in targets_of(row, peer)
    )


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = command.make_parser('pose', __doc__)
    parser.add_argument('--video', type=Path, required=True, metavar='FILE')
    parser.add_argument('--mediapipe', type=Path, required=True, metavar='DIRECTORY')
    parser.add_argument('--duration', type=positive, default=15.0, metavar='S',
                        help='of each node (default: 15)')
    return parser.parse_args()


if __name__ == '__main__':
    sys.exit(command.run_bench(main, parse()))
