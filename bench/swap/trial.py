# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One node is told again and again to recognise in another way."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import pairwise
import json
from pathlib import Path
from typing import Any, NamedTuple

from bench.inference.heard import SECOND
from bench.inference.load import FRAMES
from bench.inference.nodes import PEER
from bench.inference.prepared import prepared
from bench.rig.process import Failed, running
from bench.swap.way import Way
from dcat_ros.bundles import find_bundle, Manifest
from rich.progress import Progress

RATES = {'imu': 100, 'camera': 30}
NAME = 'recogniser'


class Choice(NamedTuple):
    """A value of our node's parameter, and the bundle that it then recognises with."""

    parameter: str
    value: str
    bundle: str


SWAPS = {
    'bundle': [
        Choice('imu.bundle', 'imu_utd_mhad', 'imu_utd_mhad'),
        Choice('imu.bundle', 'imu_sim', 'imu_sim'),
    ],
    'sensor': [
        Choice('modality', 'imu', 'imu_utd_mhad'), Choice('modality', 'camera', 'depth_utd_mhad')
    ],
}
"""What is swapped, to and fro; the first is in use at the start."""


class Swap(NamedTuple):
    """What one swap cost.

    ``gap``: s, the longest from one answer's reception to the next one's. ``lost``: windows that
    were due and got no answer. ``taken``: s from the request to the new model's first answer.
    """

    gap: float
    lost: int
    taken: float

    @classmethod
    def of(cls, way: Way, asked: int, heard: list[list[Any]], stride: float) -> Swap:
        """Return it from the answers around it, of which the first came before the request.

        :param asked: when it was requested, ns.
        :param heard: stamp (ns), reception (ns), frame and number of classes of each answer.
        :param stride: s between two windows.
        """
        steps = [
            ((after[1] - before[1]) / SECOND, (after[0] - before[0]) / SECOND)
            for before, after in pairwise(heard)
        ]
        new = next(
            received for _, received, *marks in heard
            if received >= asked and marks == [way.frame, way.classes]
        )
        return cls(
            max(gap for gap, _ in steps),
            sum(max(round(step / stride) - 1, 0) for _, step in steps),
            (new - asked) / SECOND,
        )


def run(kind: str, what: str, repeats: int, folder: Path, progress: Progress) -> list[Swap]:
    """Let one node recognise, and swap.

    :param kind: of the node.
    :param what: is swapped, a name in `SWAPS`.
    :param folder: for checkpoints, and for what the processes print.
    :raises Failed: when a process fails, or a swap does not come about.
    """
    manifests = [Manifest.read(find_bundle(choice.bundle)) for choice in SWAPS[what]]
    ways = []
    for choice, manifest in zip(SWAPS[what], manifests, strict=True):
        parameter, value = choice.parameter, choice.value
        if kind == PEER:
            rate = RATES[manifest.modality]
            parameter, value = 'checkpoint', str(prepared(choice.bundle, rate, folder).path)
        ways.append(
            Way(parameter, value, FRAMES[manifest.modality], len(manifest.classes))
        )
    task = progress.add_task(f'{what}: {kind}', total=repeats)
    with ExitStack() as stack:
        stack.callback(progress.remove_task, task)
        rates = [word for name, rate in RATES.items() for word in (f'--{name}', str(rate))]
        stack.enter_context(running('bench.inference.traffic', rates, folder))
        stack.enter_context(running(*_command(kind, ways[0]), folder))
        swapper = stack.enter_context(running(
            'bench.swap.swapper',
            [NAME, json.dumps(ways), str(repeats), *(['--lifecycle'] if kind == PEER else [])],
            folder,
        ))
        for line in swapper.lines():
            said = json.loads(line)
            if isinstance(said, list):
                break
            progress.update(task, completed=said)
        else:
            raise Failed('the swaps ended early')
    return [
        Swap.of(Way(*each['way']), each['asked'], each['heard'], manifests[0].window.stride)
        for each in said
    ]


def _command(kind: str, way: Way) -> tuple[str, list[str]]:
    """Return a node's module and arguments."""
    if kind == PEER:
        return 'bench.swap.peer', [NAME, way.value]
    return 'dcat_ros.nodes.inference.node', [
        '--ros-args', '-r', f'__node:={NAME}', '-p', 'modality:=imu'
    ]
