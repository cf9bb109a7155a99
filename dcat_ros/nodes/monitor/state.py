# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the monitor knows of a running system: no ROS, no screen."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple

from dcat_ros.nodes.monitor.history import Heard, History
from dcat_ros.nodes.monitor.statuses import Board, Said
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

    modality: str
    bundle: str
    swaps: str

    def __str__(self) -> str:
        return f'{self.bundle} on {self.modality}'


class State:
    """Everything that is shown; times are in s on a clock that never jumps.

    ``notices`` holds what is so at present, by kind: what is waited for, and what keeps messages
    from coming or latencies from being right. ``happened`` holds the newest swaps, comings and
    goings, oldest first.

    :param node: the inference node's full name.
    :param topics: full names of its activity, label_info and diagnostics topics, by these words.
    :param report: called with each change when it is noticed.
    """

    KEPT = 6

    def __init__(
        self, node: str, topics: Mapping[str, str], report: Callable[[Event], None]
    ) -> None:
        self.node = node
        self.history = History()
        self.board = Board()
        self.model: Model | None = None
        self.active_source: ActiveSource | None = None
        self.happened: deque[Event] = deque(maxlen=self.KEPT)
        self.notices: dict[str, str] = {}
        self._topics = topics
        self._report = report
        self._unheard = set(topics)
        self._present: frozenset[Hashable] = frozenset()
        self._known: frozenset[Hashable] = frozenset()

    def look(self, publishers: Mapping[str, frozenset[Hashable]], now: float) -> None:
        """Notice who is there, and what has become stale.

        :param publishers: identities of the publishers of each topic, by its word.
        """
        self._follow(publishers[ACTIVITY], now)
        for text in self.board.look(now):
            self._tell('diagnostics', text, now)
        self._note('waiting', self._lacking(publishers), now)

    def complain(self, text: str, now: float) -> None:
        """Take what keeps messages from coming; it holds until the node comes or goes."""
        self._note('problem', text, now)

    def take_answer(self, heard: Heard) -> None:
        """Take an answer."""
        self._unheard.discard(ACTIVITY)
        before = self.history.newest
        self.history.add(heard)
        self._note('clock', _clock_fault(heard), heard.arrival)
        if before is None or (before.label, before.frame_id) != (heard.label, heard.frame_id):
            latency = '-' if heard.latency is None else f'{1000 * heard.latency:.1f} ms'
            self._tell(
                'activity',
                f'{heard.label}  score {heard.score:.2f}  latency {latency}  '
                f'frame {heard.frame_id or "-"}',
                heard.arrival,
            )

    def take_label_info(self, model: Model, now: float) -> None:
        """Take what the node says of its model; it may say the same again."""
        self._unheard.discard(LABEL_INFO)
        before, self.model = self.model, model
        if before is None:
            self._tell('model', str(model), now)
        elif changes := model.changes(before):
            self._happen('swap', ', '.join(changes), now)

    def take_diagnostics(self, message: Sequence[Said], now: float) -> None:
        """Take the statuses of one message."""
        for text in self.board.take(message, now):
            self._tell('diagnostics', text, now)
        for said in message:
            if said.name == f'{self.node.lstrip("/")}: activity':
                self._unheard.discard(DIAGNOSTICS)
                values = (said.values.get(field, '') for field in ActiveSource._fields)
                self._follow_active_source(ActiveSource(*values), now)

    def _follow_active_source(self, active: ActiveSource, now: float) -> None:
        if not active.modality:
            return
        before, self.active_source = self.active_source, active
        if before is None:
            self._tell('model', str(active), now)
        elif str(active) != str(before):
            self._happen('swap', f'{before} -> {active}', now)
        elif active != before:
            self._happen('swap', f'{active}, taken up anew', now)

    def _follow(self, present: frozenset[Hashable], now: float) -> None:
        """Notice that the node comes, goes, or is another one."""
        before, self._present = self._present, present
        if present == before:
            return
        if not present or present - self._known:
            self._unheard = set(self._topics)
            self.model = self.active_source = None
            self.notices['problem'] = ''
        self._happen('node', self._change(before), now)
        self._known = present or self._known

    def _change(self, before: frozenset[Hashable]) -> str:
        if not self._present:
            return f'{self.node} is gone'
        publishers = f'{counted(len(self._present), "publisher")} on {self._topics[ACTIVITY]}'
        if len(self._present) > 1:
            return f'{publishers}: two nodes of one name, or one that died and lingers'
        if len(before) > 1:
            return f'{publishers} again'
        if not self._known:
            return f'{self.node} is there'
        return f'{self.node} {"is back" if self._present <= self._known else "restarted"}'

    def _lacking(self, publishers: Mapping[str, frozenset[Hashable]]) -> str:
        topics = [
            f'{topic} ({counted(len(publishers[word]), "publisher")})'
            for word, topic in self._topics.items() if word in self._unheard
        ]
        if not topics:
            return ''
        remedy = '' if self._present else ': start it, or name another node by --node'
        return f'waiting for {self.node} on {", ".join(topics)}{remedy}'

    def _note(self, kind: str, text: str, now: float) -> None:
        if text and text != self.notices.get(kind):
            self._tell(kind, text, now)
        self.notices[kind] = text

    def _happen(self, kind: str, text: str, now: float) -> None:
        self.happened.append(Event(now, kind, text))
        self._tell(kind, text, now)

    def _tell(self, kind: str, text: str, now: float) -> None:
        self._report(Event(now, kind, text))


def _clock_fault(heard: Heard) -> str:
    if not heard.now:
        return 'use_sim_time is set, but nobody sends /clock: play with --clock'
    latency = heard.latency or 0.0
    if abs(latency) <= MOST_LATENCY:
        return ''
    where = 'behind' if latency > 0 else 'ahead of'
    return (
        f'stamps are more than {MOST_LATENCY:g} s {where} this clock: synchronise the clocks '
        '(chrony), or add `--ros-args -p use_sim_time:=true` when a bag is played with --clock'
    )
