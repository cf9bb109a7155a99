# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What processes compute and hold while somebody waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
import time
from typing import NamedTuple

from bench.inference.heard import SECOND
from bench.rig.process import cpu_seconds, Failed, Process

LOOK = 0.2


class Memory(NamedTuple):
    """Bytes in memory; in ``share`` a page that n processes use counts a n-th."""

    resident: int
    share: int


class Usage(NamedTuple):
    """What processes used from ``since`` to ``until``, in ns by the system's clock.

    ``cpu``: s, of all together. ``resident`` and ``share``: bytes of one at the end, mean.
    """

    since: int
    until: int
    cpu: float
    resident: float
    share: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.until - self.since) / SECOND


def memory(process: int) -> Memory:
    """Return what a process has in memory now."""
    lines = Path(f'/proc/{process}/smaps_rollup').read_text(encoding='utf-8').splitlines()
    kilobytes = {words[0]: int(words[1]) for words in map(str.split, lines[1:])}
    return Memory(1024 * kilobytes['Rss:'], 1024 * kilobytes['Pss:'])


def usage(
    processes: Sequence[Process], seconds: float, tell: Callable[[float], object]
) -> Usage:
    """Wait, and return what the processes used meanwhile.

    :param tell: called now and then with the seconds that have passed.
    :raises Failed: if one of them ends meanwhile.
    """
    since, before = time.time_ns(), _cpu(processes)
    while (left := seconds - (time.time_ns() - since) / SECOND) > 0:
        time.sleep(min(left, LOOK))
        tell(seconds - left)
    until, cpu = time.time_ns(), _cpu(processes) - before
    try:
        held = [memory(process.id) for process in processes]
    except (ProcessLookupError, FileNotFoundError) as error:
        raise Failed('a node ended while it was measured') from error
    return Usage(
        since, until, cpu,
        sum(one.resident for one in held) / len(held), sum(one.share for one in held) / len(held),
    )


def _cpu(processes: Sequence[Process]) -> float:
    return sum(cpu_seconds(process.id) for process in processes)
