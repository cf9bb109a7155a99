# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the monitor knows of a running system: no ROS, no screen."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple

from dcat_ros.nodes.monitor.history import ActivityResult, History
from dcat_ros.nodes.monitor.statuses import ReceivedStatus, StatusTable
from dcat_ros.pages.text import counted

ACTIVITY, LABEL_INFO, DIAGNOSTICS = 'activity', 'label_info', 'diagnostics'
MOST_LATENCY = 10.0
"""Seconds beyond which a latency tells of two clocks, and not of a slow computer."""


class Event(NamedTuple):
    """A change: when it was noticed (steady s), of what kind, and in words."""

    when: float
    kind: str
    text: str


class Model(NamedTuple):
    """What the node says of the model in use."""

    frame_id: str
    classes: tuple[str, ...]
    threshold: float

    def __str__(self) -> str:
        return f'{self.listed}, threshold {self.threshold:.2f}'

    @property
    def listed(self) -> str:
        """How many classes, and which."""
        return f'{len(self.classes)} classes ({", ".join(self.classes)})'

    def changes(self, before: Model) -> list[str]:
        """Return in words in what it differs from an earlier one."""
        changes = []
        if self.frame_id != before.frame_id:
            changes.append(f'frame {before.frame_id or "-"} -> {self.frame_id or "-"}')
        if self.classes != before.classes:
            changes.append(f'{len(before.classes)} classes -> {self.listed}')
        if self.threshold != before.threshold:
            changes.append(f'threshold {before.threshold:.2f} -> {self.threshold:.2f}')
        return changes


class ActiveSource(NamedTuple):
    """Which sensor and bundle the node recognises with, and how often it has swapped them."""

    sensor: str
    bundle: str
    swaps: str

    def __str__(self) -> str:
        return f'{self.bundle} on {self.sensor}'


class MonitorState:
    """Everything that the monitor shows; times are in s on a steady clock.

    ``notices`` holds the current notices by kind: what the monitor waits for, and what prevents
    messages or falsifies latencies. ``recent_events`` holds the newest swaps, starts and ends of
    the node, oldest first.

    :param node: the inference node's full name.
    :param topics: full names of its activity, label_info and diagnostics topics, by these words.
    :param report: called with each change.
    """

    KEPT = 6

    def __init__(
        self, node: str, topics: Mapping[str, str], report: Callable[[Event], None]
    ) -> None:
        self.node = node
        self.history = History()
        self.statuses = StatusTable()
        self.model: Model | None = None
        self.active_source: ActiveSource | None = None
        self.recent_events: deque[Event] = deque(maxlen=self.KEPT)
        self.notices: dict[str, str] = {}
        self._topics = topics
        self._report = report
        self._missing_topics = set(topics)
        self._present: frozenset[Hashable] = frozenset()
        self._known: frozenset[Hashable] = frozenset()

    def update(self, publishers: Mapping[str, frozenset[Hashable]], now: float) -> None:
        """Update which nodes are present, and which statuses are stale.

        :param publishers: identities of the publishers of each topic, by its word.
        """
        self._update_presence(publishers[ACTIVITY], now)
        for text in self.statuses.update(now):
            self._report_event('diagnostics', text, now)
        self._set_notice('waiting', self._missing_text(publishers), now)

    def report_problem(self, text: str, now: float) -> None:
        """Show a problem until the node starts or ends."""
        self._set_notice('problem', text, now)

    def add_result(self, result: ActivityResult) -> None:
        """Add a result."""
        self._missing_topics.discard(ACTIVITY)
        before = self.history.newest
        self.history.add(result)
        self._set_notice('clock', _clock_fault(result), result.arrival)
        if before is None or (before.label, before.frame_id) != (result.label, result.frame_id):
            latency = '-' if result.latency is None else f'{1000 * result.latency:.1f} ms'
            self._report_event(
                'activity',
                f'{result.label}  score {result.score:.2f}  latency {latency}  '
                f'frame {result.frame_id or "-"}',
                result.arrival,
            )

    def set_model(self, model: Model, now: float) -> None:
        """Set the model that the node announces, perhaps again."""
        self._missing_topics.discard(LABEL_INFO)
        before, self.model = self.model, model
        if before is None:
            self._report_event('model', str(model), now)
        elif changes := model.changes(before):
            self._add_event('swap', ', '.join(changes), now)

    def add_statuses(self, message: Sequence[ReceivedStatus], now: float) -> None:
        """Add the statuses of one message."""
        for text in self.statuses.add(message, now):
            self._report_event('diagnostics', text, now)
        for status in message:
            if status.name == f'{self.node.lstrip("/")}: activity':
                self._missing_topics.discard(DIAGNOSTICS)
                values = (status.values.get(field, '') for field in ActiveSource._fields)
                self._update_active_source(ActiveSource(*values), now)

    def _update_active_source(self, active: ActiveSource, now: float) -> None:
        if not active.sensor:
            return
        before, self.active_source = self.active_source, active
        if before is None:
            self._report_event('model', str(active), now)
        elif str(active) != str(before):
            self._add_event('swap', f'{before} -> {active}', now)
        elif active != before:
            self._add_event('swap', f'{active}, loaded again', now)

    def _update_presence(self, present: frozenset[Hashable], now: float) -> None:
        """Update whether the node is present, has ended, or is another one."""
        before, self._present = self._present, present
        if present == before:
            return
        if not present or present - self._known:
            self._missing_topics = set(self._topics)
            self.model = self.active_source = None
            self.notices['problem'] = ''
        self._add_event('node', self._presence_text(before), now)
        self._known = present or self._known

    def _presence_text(self, before: frozenset[Hashable]) -> str:
        if not self._present:
            return f'{self.node} is gone'
        publishers = f'{counted(len(self._present), "publisher")} on {self._topics[ACTIVITY]}'
        if len(self._present) > 1:
            return f'{publishers}: two nodes of one name, or one that died'
        if len(before) > 1:
            return f'{publishers} again'
        if not self._known:
            return f'{self.node} is there'
        return f'{self.node} {"is back" if self._present <= self._known else "restarted"}'

    def _missing_text(self, publishers: Mapping[str, frozenset[Hashable]]) -> str:
        topics = [
            f'{topic} ({counted(len(publishers[word]), "publisher")})'
            for word, topic in self._topics.items() if word in self._missing_topics
        ]
        if not topics:
            return ''
        remedy = '' if self._present else ': start it, or name another node by --node'
        return f'waiting for {self.node} on {", ".join(topics)}{remedy}'

    def _set_notice(self, kind: str, text: str, now: float) -> None:
        if text and text != self.notices.get(kind):
            self._report_event(kind, text, now)
        self.notices[kind] = text

    def _add_event(self, kind: str, text: str, now: float) -> None:
        self.recent_events.append(Event(now, kind, text))
        self._report_event(kind, text, now)

    def _report_event(self, kind: str, text: str, now: float) -> None:
        self._report(Event(now, kind, text))


def _clock_fault(result: ActivityResult) -> str:
    if not result.now:
        return 'use_sim_time is set, but nobody sends /clock: play with --clock'
    latency = result.latency or 0.0
    if abs(latency) <= MOST_LATENCY:
        return ''
    where = 'behind' if latency > 0 else 'ahead of'
    return (
        f'stamps are more than {MOST_LATENCY:g} s {where} this clock: synchronise the clocks '
        '(chrony), or add `--ros-args -p use_sim_time:=true` when a bag is played with --clock'
    )
