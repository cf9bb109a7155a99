# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the `label` program shows."""

from itertools import pairwise
import time

from dcat_ros.labelling.session import LabelSession
from rich import box
from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

SECOND = 10**9
CHANGES = 6
HELP = (('space', 'no label'), ('u', 'undo the last change'), ('q', 'quit'))
NONE = 'no label'


def minutes(nanoseconds: int) -> str:
    """Return a duration as mm:ss."""
    return '{:02d}:{:02d}'.format(*divmod(nanoseconds // SECOND, 60))


def picture(session: LabelSession, topic: str, now: int) -> RenderableType:
    """Return the whole screen, the most important part first.

    :param now: steady time, ns.
    """
    return Group(
        _running(session, now),
        Padding(_listeners(session, topic, now), (0, 1)),
        Padding(Text(session.hint, 'yellow'), (0, 1)),
        Padding(Columns(
            [_key(*item) for item in session.activities.items()], padding=(0, 3), equal=True
        ), (1, 1)),
        Padding(Columns([_key(*item) for item in HELP], padding=(0, 3)), (0, 1)),
        Padding(_changes(session, now), (1, 1)),
    )


def _running(session: LabelSession, now: int) -> Panel:
    label = session.track.label
    colour = 'red' if not session.listeners else 'green' if label else 'grey30'
    age = minutes(now - (session.track.since or now))
    text = Text.assemble('\n', label or NONE, '   ', age, '\n', justify='center')
    return Panel(text, box=box.HEAVY, style=f'bold white on {colour}')


def _listeners(session: LabelSession, topic: str, now: int) -> Text:
    lasting = minutes(now - session.listeners_since)
    if not session.listeners:
        return Text(f'nobody listens on {topic}: start the recorder ({lasting})', 'bold red')
    number = '1 listens' if session.listeners == 1 else f'{session.listeners} listen'
    return Text(f'{number} on {topic} for {lasting}', 'green')


def _key(key: str, meaning: str) -> Text:
    return Text.assemble((f' {key} ', 'reverse'), ' ', meaning)


def _changes(session: LabelSession, now: int) -> Table:
    """Return the newest changes, each with time of day, label and duration."""
    table = Table('since', 'label', 'lasted', box=None, padding=(0, 3, 0, 0), header_style='dim')
    table.columns[2].justify = 'right'
    stamps = [*session.track.changes, (now, '')]
    for (start, label), (end, _) in list(pairwise(stamps))[:-CHANGES - 1:-1]:
        day = time.strftime('%H:%M:%S', time.localtime(time.time() - (now - start) / SECOND))
        table.add_row(day, Text(label or NONE), minutes(end - start))
    return table
