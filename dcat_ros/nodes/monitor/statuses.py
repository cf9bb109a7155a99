# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The newest statuses of all nodes on /diagnostics, and since when they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LEVELS = ('OK', 'WARN', 'ERROR', 'STALE')
STALE = LEVELS.index('STALE')
NO_RATE = '0.0'


class ReceivedStatus(NamedTuple):
    """A status as received: ``name`` as in `inference: imu`, ``level`` an index of `LEVELS`."""

    name: str
    level: int
    message: str
    values: Mapping[str, str]


@dataclass
class StatusEntry:
    """The newest status of one name.

    ``received``: when it came; ``since``: when its level began; ``silent_since``: when a sensor's
    rate fell to 0, None while it delivers; all in s on a steady clock.
    """

    status: ReceivedStatus
    level: int
    received: float
    since: float
    silent_since: float | None

    @property
    def is_sensor(self) -> bool:
        """Whether it is the status of a subscribed topic."""
        return 'rate_hz' in self.status.values


class StatusTable:
    """The statuses of all nodes, by name."""

    STALE_AFTER = 5.0
    """Seconds after which what a node status counts no more."""

    def __init__(self) -> None:
        self._entries: dict[str, StatusEntry] = {}

    @property
    def sensors(self) -> list[StatusEntry]:
        """Return the statuses of subscribed topics."""
        return [entry for entry in self._entries.values() if entry.is_sensor]

    @property
    def others(self) -> list[StatusEntry]:
        """Return all other statuses."""
        return [entry for entry in self._entries.values() if not entry.is_sensor]

    def add(self, message: Sequence[ReceivedStatus], now: float) -> list[str]:
        """Add the statuses of a message and return the changes of level in words.

        A node reports all its parts at once: a part that is missing no longer exists.
        """
        changes = []
        names = {status.name for status in message}
        nodes = {_node(name) for name in names}
        for name in [name for name in self._entries if _node(name) in nodes and name not in names]:
            del self._entries[name]
            changes.append(f'{name}: gone')
        for status in message:
            changes += self._add_status(status, now)
        return changes

    def update(self, now: float) -> list[str]:
        """Return in words which statuses have become stale by now."""
        changes = []
        for name, entry in self._entries.items():
            if entry.level != STALE and now - entry.received > self.STALE_AFTER:
                was, entry.level, entry.since = LEVELS[entry.level], STALE, now
                changes.append(f'{name}: {was} -> STALE: nothing for {self.STALE_AFTER:g} s')
        return changes

    def _add_status(self, status: ReceivedStatus, now: float) -> list[str]:
        before = self._entries.get(status.name)
        level = min(status.level, STALE)
        same = before is not None and before.level == level
        silent_since = None
        if status.values.get('rate_hz') == NO_RATE:
            silent_since = before.silent_since if before and before.silent_since else now
        self._entries[status.name] = StatusEntry(
            status, level, now, before.since if before and same else now, silent_since
        )
        if same:
            return []
        was = f'{LEVELS[before.level]} -> ' if before else ''
        return [f'{status.name}: {was}{LEVELS[level]}: {status.message}']


def _node(name: str) -> str:
    return name.partition(': ')[0]
