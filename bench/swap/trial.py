# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One trial: the model of one node is swapped repeatedly."""

from __future__ import annotations

from contextlib import ExitStack
from itertools import pairwise
import json
from pathlib import Path
from typing import Any, NamedTuple

from bench.common.messages import SECOND
from bench.common.process import BenchError, running
from bench.inference.messages import FRAMES
from bench.inference.scenarios import PEER, prepare
from bench.swap.client import Model
from dcat_ros.bundles import find_bundle, Manifest
from rich.progress import Progress

RATES = {'imu': 100, 'camera': 30}
NAME = 'classifier'


class Choice(NamedTuple):
    """A parameter value of the inference node, and the bundle that it selects."""

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
"""What is swapped back and forth; the first is in use at the start."""


class Swap(NamedTuple):
    """Cost of one swap.

    ``gap``: s, the longest from one answer's reception to the next one's. ``lost``: windows that
    were due and got no answer. ``first_answer``: s from the request to the new model's first.
    """

    gap: float
    lost: int
    first_answer: float

    @classmethod
    def from_answers(
        cls, model: Model, requested: int, answers: list[list[Any]], stride: float
    ) -> Swap:
        """Return the cost by the answers around a swap, the first of them before the request.

        :param requested: time of the request, ns.
        :param answers: stamp (ns), reception (ns), frame and number of classes of each.
        :param stride: s between two windows.
        """
        stamps, received, *_ = zip(*answers, strict=True)
        first = next(
            time for _, time, *identity in answers
            if time >= requested and identity == [model.frame, model.classes]
        )
        return cls(
            max(after - before for before, after in pairwise(received)) / SECOND,
            sum(
                max(round((after - before) / SECOND / stride) - 1, 0)
                for before, after in pairwise(stamps)
            ),
            (first - requested) / SECOND,
        )


def run(node: str, kind: str, repeats: int, folder: Path, progress: Progress) -> list[Swap]:
    """Swap the model of one node repeatedly.

    :param node: kind of the node.
    :param kind: of swap, a name in `SWAPS`.
    :param folder: for checkpoints, and for the output of the processes.
    :raises BenchError: when a process fails, or a swap does not succeed.
    """
    manifests = [Manifest.read(find_bundle(choice.bundle)) for choice in SWAPS[kind]]
    models = []
    for choice, manifest in zip(SWAPS[kind], manifests, strict=True):
        parameter, value = choice.parameter, choice.value
        if node == PEER:
            rate = RATES[manifest.modality]
            parameter, value = 'checkpoint', str(prepare(choice.bundle, rate, folder).path)
        models.append(Model(parameter, value, FRAMES[manifest.modality], len(manifest.classes)))
    task = progress.add_task(f'{kind}: {node}', total=repeats)
    lifecycle = ['--lifecycle'] if node == PEER else []
    with ExitStack() as stack:
        stack.callback(progress.remove_task, task)
        rates = [word for name, rate in RATES.items() for word in (f'--{name}', str(rate))]
        stack.enter_context(running('bench.inference.publisher', rates, folder))
        stack.enter_context(running(*_command(node, models[0]), folder))
        client = stack.enter_context(running(
            'bench.swap.client', [NAME, json.dumps(models), str(repeats), *lifecycle], folder
        ))
        for line in client.lines():
            output = json.loads(line)
            if isinstance(output, list):
                break
            progress.update(task, completed=output)
        else:
            raise BenchError('the swaps ended early')
    return [
        Swap.from_answers(
            Model(*swap['model']), swap['requested'], swap['answers'], manifests[0].window.stride
        )
        for swap in output
    ]


def _command(node: str, model: Model) -> tuple[str, list[str]]:
    """Return a node's module and arguments."""
    if node == PEER:
        return 'bench.swap.peer', [NAME, model.value]
    return 'dcat_ros.nodes.inference.node', [
        '--ros-args', '-r', f'__node:={NAME}', '-p', 'modality:=imu'
    ]
