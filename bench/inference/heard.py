# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What was heard of the nodes, and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

SECOND = 10**9


class Heard(NamedTuple):
    """An answer's stamp, and when it was received; ns by the system's clock."""

    node: str
    stamp: int
    received: int


def latencies(heard: Iterable[Heard], since: int, until: int) -> list[float]:
    """Return s from stamp to reception of the answers stamped in that time (ns)."""
    return [
        (answer.received - answer.stamp) / SECOND
        for answer in heard if since <= answer.stamp < until
    ]


def last_beginning(heard: Iterable[Heard]) -> int:
    """Return when the last node was heard for the first time, in ns; 0 where none was."""
    first: dict[str, int] = {}
    for answer in heard:
        first.setdefault(answer.node, answer.received)
    return max(first.values(), default=0)
