# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The scenarios and the kinds of nodes that are compared, and how each node is started."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from bench.common.process import run_json

NODE = 'dcat inference'
PEER, ONE_THREAD = 'hand-written', 'hand-written, one thread'
BASELINE, DECODING = 'baseline', 'decoding baseline'
PEERS = PEER, ONE_THREAD
CLASSIFYING = NODE, *PEERS
KINDS = *CLASSIFYING, BASELINE, DECODING
BUNDLES = {'imu': 'imu_utd_mhad', 'camera': 'depth_utd_mhad'}
"""The shipped bundle of each sensor."""


@dataclass(frozen=True)
class Scenario:
    """Nodes that all classify one sensor's windows.

    :param name: on the command line.
    :param sensor: ``imu`` or ``camera``.
    :param rate: messages per second.
    :param nodes: that run at once.
    """

    name: str
    sensor: str
    rate: int
    nodes: int = 1

    @property
    def title(self) -> str:
        """Return the scenario in words."""
        one = f'{"IMU" if self.sensor == "imu" else "depth camera"}, {self.rate} Hz'
        return one if self.nodes == 1 else f'{self.nodes} nodes, {one}'

    @property
    def bundle(self) -> str:
        """Return the bundle whose weights all nodes use."""
        return BUNDLES[self.sensor]


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario('imu100', 'imu', 100),
        Scenario('imu200', 'imu', 200),
        Scenario('imu400', 'imu', 400),
        Scenario('camera', 'camera', 30),
        Scenario('ten', 'imu', 100, nodes=10),
    )
}


class Prepared(NamedTuple):
    """The hand-written node's checkpoint.

    ``every``: messages from one answer to the next. ``window``: s. ``difference``: largest
    difference of a logit from the bundle's.
    """

    path: Path
    every: int
    window: float
    difference: float


def prepare(bundle: str, rate: int, folder: Path) -> Prepared:
    """Convert a bundle to a checkpoint, in a process of its own.

    :param rate: of the sensor, messages per second.
    :raises BenchError: if the network in torch differs from the bundle's.
    """
    path = folder / f'{bundle}.pt'
    arguments = [bundle, str(rate), str(path)]
    return Prepared(path, **run_json('bench.inference.convert', arguments, folder))


def command(
    kind: str, scenario: Scenario, prepared: Prepared, name: str
) -> tuple[str, list[str]]:
    """Return a node's module and arguments.

    :param name: of the node.
    """
    if kind == NODE:
        stride = prepared.every / scenario.rate
        return 'dcat_ros.nodes.inference.node', [
            '--ros-args', '-r', f'__node:={name}', '-p', f'modality:={scenario.sensor}',
            '-p', f'stride:={stride}',
        ]
    if kind in PEERS:
        threads = ['--threads', '1'] if kind == ONE_THREAD else []
        return 'bench.inference.peer', [name, str(prepared.path), *threads]
    decoded = ['--decoded'] if kind == DECODING else []
    return 'bench.inference.baseline', [name, scenario.sensor, *decoded]
