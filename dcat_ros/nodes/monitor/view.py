# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The live view of the monitor in a terminal, or printed lines if there is no terminal."""

from __future__ import annotations

from collections import deque
from statistics import median
import time
from types import TracebackType

from dcat_ros.inference import UNKNOWN
from dcat_ros.nodes.monitor.history import SecondSummary
from dcat_ros.nodes.monitor.state import Event, MonitorState
from dcat_ros.nodes.monitor.statuses import LEVELS, STALE, StatusEntry
from dcat_ros.pages.text import seconds
from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

BAR = 24
WIDTH = 110
HEIGHTS = '▁▂▃▄▅▆▇█'
COLOURS = (
    'green', 'blue', 'magenta', 'cyan', 'red', 'bright_green', 'bright_blue', 'bright_magenta',
    'bright_cyan', 'bright_red',
)
LEVEL_COLOURS = ('green', 'yellow', 'red', 'dim')
QUIET = 2.0
"""Seconds without a result after which the view says so."""


class View:
    """Context manager with a live view in a terminal; otherwise it prints a line for each change.

    :param plain: print lines in a terminal too.
    """

    PERIOD = 0.1
    """Shortest time in s between two updates of the live view."""

    def __init__(self, plain: bool = False) -> None:
        self.console = Console()
        self.is_live = self.console.is_interactive and not plain
        self._live = Live(console=self.console, auto_refresh=False, transient=False)
        self._last_drawn = 0.0
        self._colours = {UNKNOWN: 'yellow'}
        self._pending: deque[Event] = deque()

    def __enter__(self) -> View:
        if self.is_live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def add_event(self, event: Event) -> None:
        """Queue a change for the next update."""
        self._pending.append(event)

    def draw(self, state: MonitorState, now: float) -> None:
        """Update the live view; without one, print the changes."""
        while self._pending:
            event = self._pending.popleft()
            if not self.is_live:
                line = f'{time_of_day(event.when)}  {event.kind:11}  {event.text}'
                self.console.print(line, markup=False, soft_wrap=True)
        if self.is_live and time.monotonic() - self._last_drawn > self.PERIOD:
            self._last_drawn = time.monotonic()
            self._live.update(self.render(state, now), refresh=True)

    def render(self, state: MonitorState, now: float) -> RenderableType:
        """Return the whole view, the most important part first.

        :param now: steady time, s.
        """
        notices = [Text(text, 'yellow') for text in state.notices.values() if text]
        tables = [
            Padding(table, (1, 0, 0, 0))
            for table in (_sensors(state, now), _diagnostics(state, now), _events(state))
            if table.row_count
        ]
        return Panel(
            Group(self._results(state, now), *notices, *tables),
            title=Text(f'dcat_ros monitor: {state.node}'), width=min(WIDTH, self.console.width),
        )

    def _colour(self, label: str) -> str:
        """Return a class's colour, always the same one."""
        return self._colours.setdefault(label, COLOURS[(len(self._colours) - 1) % len(COLOURS)])

    def _results(self, state: MonitorState, now: float) -> Table:
        history = state.history
        table = Table.grid(padding=(0, 2))
        table.add_column(style='dim', justify='right')
        table.add_column()
        newest = history.newest
        if newest is None:
            return table
        colour = self._colour(newest.label)
        age = now - newest.arrival
        silence = f'   no result for {_lasting(age)}' if age > QUIET else ''
        table.add_row('activity', Text.assemble((newest.label, f'bold {colour}'), silence))
        table.add_row('score', bar(newest.score, colour))
        cells = history.cells(now)
        table.add_row('last minute', Text.assemble(*map(self._block, cells)))
        labels = dict.fromkeys(cell.label for cell in reversed(cells) if cell)
        table.add_row('', Text('  ').join(Text(f'█ {x}', self._colour(x)) for x in labels))
        table.add_row('latency', _latency(newest.latency, history.latencies(now)))
        table.add_row('results', f'{history.rate(now):.1f} Hz')
        table.add_row('model', Text(_model(state)))
        return table

    def _block(self, cell: SecondSummary | None) -> Text:
        if cell is None:
            return Text('·', 'dim')
        step = min(int(cell.score * len(HEIGHTS)), len(HEIGHTS) - 1)
        return Text(HEIGHTS[step], self._colour(cell.label))


def time_of_day(when: float) -> str:
    """Return a steady time in s as the time of day."""
    return time.strftime('%H:%M:%S', time.localtime(time.time() - time.monotonic() + when))


def _lasting(value: float) -> str:
    return f'{value:.0f} s' if value < 60 else seconds(value)


def _latency(newest: float | None, minute: list[float]) -> str:
    text = '-' if newest is None else seconds(newest)
    if minute:
        text += f'   median {seconds(median(minute))}, worst {seconds(max(minute))}'
    return text


def _model(state: MonitorState) -> str:
    parts = [str(state.active_source)] if state.active_source else []
    if state.model:
        parts.append(f'{len(state.model.classes)} classes, threshold {state.model.threshold:.2f}')
    return ', '.join(parts) or '-'


def _table(*columns: str) -> Table:
    table = Table(
        *columns, box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 2, 0, 0), header_style='dim'
    )
    for column in table.columns[1:-1]:
        column.no_wrap = True
    return table


def _events(state: MonitorState) -> Table:
    table = _table('at', '', 'event')
    for event in reversed(state.recent_events):
        table.add_row(time_of_day(event.when), event.kind, Text(event.text))
    return table


def _sensors(state: MonitorState, now: float) -> Table:
    table = _table('sensor', 'rate', 'stamps', 'level')
    for entry in state.statuses.sensors:
        values = entry.status.values
        rate = f'{values["rate_hz"]} Hz'
        if entry.level and entry.silent_since is not None:
            rate = f'silent for {_lasting(now - entry.silent_since)}'
        name, topic = entry.status.name, values.get('topic', '')
        if not name.endswith(topic):
            name += f' {topic}'
        age = values.get('stamp_age_ms', '')
        table.add_row(
            Text(name), Text(rate), Text(f'{age} ms old' if age else ''), _level(entry, now)
        )
    return table


def _diagnostics(state: MonitorState, now: float) -> Table:
    """Return the statuses of all nodes, without sensors that are OK."""
    table = _table('diagnostics', 'level', 'message')
    failing = [entry for entry in state.statuses.sensors if entry.level]
    for entry in [*failing, *state.statuses.others]:
        message = entry.status.message
        if entry.level == STALE:
            message = f'nothing for {_lasting(now - entry.received)}; last: {message}'
        style = LEVEL_COLOURS[entry.level] if entry.level else ''
        table.add_row(Text(entry.status.name), _level(entry, now), Text(message, style))
    return table


def _level(entry: StatusEntry, now: float) -> Text:
    text = f'{LEVELS[entry.level]} for {_lasting(now - entry.since)}'
    return Text(text, LEVEL_COLOURS[entry.level])


def bar(score: float, colour: str) -> Text:
    """Return a score from 0 to 1 as a bar and a number."""
    full = round(BAR * score)
    return Text.assemble(('━' * full, colour), ('━' * (BAR - full), 'dim'), f' {score:.2f}')
