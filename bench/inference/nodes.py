# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The kinds of nodes that are compared, and how each is started."""

from __future__ import annotations

from bench.inference.prepared import Prepared
from bench.inference.scenario import Scenario

NODE = 'dcat inference'
PEER, SINGLE = 'by hand', 'by hand, one thread'
FLOOR, PLAIN = 'floor', 'plain floor'
PEERS = PEER, SINGLE
ANSWERING = NODE, *PEERS
KINDS = *ANSWERING, FLOOR, PLAIN


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
        threads = ['--threads', '1'] if kind == SINGLE else []
        return 'bench.inference.peer', [name, str(prepared.path), *threads]
    plain = ['--plain'] if kind == PLAIN else []
    return 'bench.inference.floor', [name, scenario.sensor, *plain]
