# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A session of the `label` program: from keys to label messages, and its screen."""

from collections.abc import Callable, Mapping
from itertools import pairwise
import time

from dcat_ros.bags.labels import LabelTrack
from dcat_ros.labelling.keys import NO_LABEL_KEYS, QUIT_KEYS, UNDO_KEYS
from rich import box
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

SECOND = 10**9
SHOWN_CHANGES = 6
HELP = {'space': 'no label', 'u': 'undo the last change', 'q': 'quit'}
NO_LABEL = 'no label'


class LabelSession:
    """Turns keys into label messages, and stores what the screen shows.

    All times are in ns on a steady clock.

    :param activities: the activity of each key.
    :param publish: publishes a label message.
    :param now: the time of the start.
    """

    def __init__(
        self, activities: Mapping[str, str], publish: Callable[[str], None], now: int
    ) -> None:
        self.activities = activities
        self.track = LabelTrack()
        self.hint = ''
        self.over = False
        self.listeners = 0
        self.listeners_since = self.started = now
        self._publish = publish
        self._send('', now)

    def press(self, key: str, now: int) -> None:
        """Do what a key stands for; without an activity for the capital, Caps Lock is ignored."""
        if self.over:
            return
        if key not in self.activities:
            key = key.lower()
        if key in QUIT_KEYS:
            self.end(now)
        elif key in UNDO_KEYS:
            self._undo(now)
        elif key in NO_LABEL_KEYS:
            self._change('', now)
        elif key in self.activities:
            self._change(self.activities[key], now)
        else:
            shown = f'key {key}' if key.isprintable() else 'that key'
            self.hint = f'{shown} has no activity: nothing has changed'

    def end(self, now: int) -> None:
        """End the session and its last label."""
        if not self.over:
            self.over = True
            self._send('', now)

    def set_listeners(self, listeners: int, now: int) -> None:
        """Set the number of subscriptions to the label topic."""
        if bool(listeners) != bool(self.listeners):
            self.listeners_since = now
        self.listeners = listeners

    def _change(self, label: str, now: int) -> None:
        self.hint = ''
        if label == self.track.label:
            self.hint = f'{label or NO_LABEL} is running already'
        else:
            self._send(label, now)

    def _undo(self, now: int) -> None:
        text, undone = self.track.undo, self.track.label
        if text is None:
            self.hint = 'there is nothing to undo'
            return
        self._send(text, now)
        self.hint = (
            f'{undone or NO_LABEL} is taken back: {self.track.label or NO_LABEL} has been running '
            'instead'
        )

    def _send(self, text: str, now: int) -> None:
        self._publish(text)
        self.track.add(now, text)


def minutes(nanoseconds: int) -> str:
    """Return a duration as mm:ss."""
    return '{:02d}:{:02d}'.format(*divmod(nanoseconds // SECOND, 60))


def screen(session: LabelSession, topic: str, now: int) -> RenderableType:
    """Return the screen of a session, the most important part first."""
    return Group(
        _running_label(session, now),
        Padding(_listeners(session, topic, now), (0, 1)),
        Padding(Text(session.hint, 'yellow'), (0, 1)),
        Padding(Columns(_keys(session.activities), padding=(0, 3), equal=True), (1, 1)),
        Padding(Columns(_keys(HELP), padding=(0, 3)), (0, 1)),
        Padding(_changes(session, now), (1, 1)),
    )


def _running_label(session: LabelSession, now: int) -> Panel:
    label = session.track.label
    colour = 'red' if not session.listeners else 'green' if label else 'grey30'
    age = minutes(now - (session.track.since or now))
    text = Text.assemble('\n', label or NO_LABEL, '   ', age, '\n', justify='center')
    return Panel(text, box=box.HEAVY, style=f'bold white on {colour}')


def _listeners(session: LabelSession, topic: str, now: int) -> Text:
    duration = minutes(now - session.listeners_since)
    if not session.listeners:
        return Text(f'nobody listens on {topic}: start the recorder ({duration})', 'bold red')
    number = '1 listens' if session.listeners == 1 else f'{session.listeners} listen'
    return Text(f'{number} on {topic} for {duration}', 'green')


def _keys(meanings: Mapping[str, str]) -> list[Text]:
    return [
        Text.assemble((f' {key} ', 'reverse'), ' ', meaning) for key, meaning in meanings.items()
    ]


def _changes(session: LabelSession, now: int) -> Table:
    """Return the newest changes, each with its time of day, label and duration."""
    table = Table('since', 'label', 'lasted', box=None, padding=(0, 3, 0, 0), header_style='dim')
    table.columns[2].justify = 'right'
    stamps = [*session.track.changes, (now, '')]
    for (start, label), (end, _) in list(pairwise(stamps))[:-SHOWN_CHANGES - 1:-1]:
        clock = time.strftime('%H:%M:%S', time.localtime(time.time() - (now - start) / SECOND))
        table.add_row(clock, Text(label or NO_LABEL), minutes(end - start))
    return table
