# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What nodes say of themselves on /diagnostics, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LEVELS = ('OK', 'WARN', 'ERROR', 'STALE')
STALE = LEVELS.index('STALE')
NO_RATE = '0.0'


class Said(NamedTuple):
    """A status as received: ``name`` as in `inference: imu`, ``level`` an index of `LEVELS`."""

    name: str
    level: int
    message: str
    values: Mapping[str, str]


@dataclass
class Entry:
    """The newest status of one name.

    ``heard``: when it came; ``since``: when its level began; ``silent_since``: when a sensor's
    rate fell to nothing, None as long as it delivers; all in s on a clock that never jumps.
    """

    said: Said
    level: int
    heard: float
    since: float
    silent_since: float | None

    @property
    def is_sensor(self) -> bool:
        """Whether it speaks of a topic that a node listens to."""
        return 'rate_hz' in self.said.values


class Board:
    """The entries of all nodes, by name."""

    STALE_AFTER = 5.0
    """Seconds after which what a node said counts no more."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    @property
    def sensors(self) -> list[Entry]:
        """Return what nodes say of topics that they listen to."""
        return [entry for entry in self._entries.values() if entry.is_sensor]

    @property
    def others(self) -> list[Entry]:
        """Return what else nodes say."""
        return [entry for entry in self._entries.values() if not entry.is_sensor]

    def take(self, message: Sequence[Said], now: float) -> list[str]:
        """Take a message and return the changes of level in words.

        A node speaks of all its parts at once: what it leaves out, it has given up.
        """
        changes = []
        names = {said.name for said in message}
        nodes = {_node(name) for name in names}
        for name in [name for name in self._entries if _node(name) in nodes and name not in names]:
            del self._entries[name]
            changes.append(f'{name}: given up')
        for said in message:
            changes += self._renew(said, now)
        return changes

    def look(self, now: float) -> list[str]:
        """Return in words which entries have become stale by now."""
        changes = []
        for name, entry in self._entries.items():
            if entry.level != STALE and now - entry.heard > self.STALE_AFTER:
                was, entry.level, entry.since = LEVELS[entry.level], STALE, now
                changes.append(f'{name}: {was} -> STALE: nothing for {self.STALE_AFTER:g} s')
        return changes

    def _renew(self, said: Said, now: float) -> list[str]:
        before = self._entries.get(said.name)
        level = min(said.level, STALE)
        same = before is not None and before.level == level
        silent_since = None
        if said.values.get('rate_hz') == NO_RATE:
            silent_since = before.silent_since if before and before.silent_since else now
        self._entries[said.name] = Entry(
            said, level, now, before.since if before and same else now, silent_since
        )
        if same:
            return []
        was = f'{LEVELS[before.level]} -> ' if before else ''
        return [f'{said.name}: {was}{LEVELS[level]}: {said.message}']


def _node(name: str) -> str:
    return name.partition(': ')[0]
