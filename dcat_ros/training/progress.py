# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Progress of a training: on a terminal, or for a program as JSON, one object a line.

Every object has an ``event``:

=============  ==========================================================================
``say``        ``text``: a message for people
``stage``      ``title``, ``total``: a part of the work begins
``progress``   ``stage``, ``done``, ``total``; of the whole run ``fraction`` (0 to 1) and
               ``remaining`` (s), null while unknown
``bundle``     ``path``: the absolute path of the finished bundle; the last line
``error``      ``text``: why there is no bundle, and the remedy; the last line
=============  ==========================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
import json
from pathlib import Path
import sys
import time
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Stage(Protocol):
    """A part of the work."""

    def advance(self, count: int = 1) -> None:
        """Report that more of it is done."""


class Reporter(Protocol):
    """Receives the progress of a training."""

    def say(self, text: str) -> None:
        """Report a message for people."""

    def plan(self, steps: int) -> None:
        """Set the number of optimisation steps of the whole run.

        Only stages that begin afterwards count, and only those that advance in steps. Parts
        finished by an earlier run belong neither to the plan nor to a stage.
        """

    def stage(
        self, title: str, total: int, in_steps: bool = True
    ) -> AbstractContextManager[Stage]:
        """Begin a part of the work, one at a time.

        :param total: most that it will advance; the plan shrinks by what is left at its end.
        :param in_steps: whether it advances in optimisation steps.
        """


class SilentReporter:
    """Counts progress and shows nothing but errors, on stderr.

    For all processes but the first, and the base class of the reporters that show more.

    :param progress: counts, and shows the counts unless disabled.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress or Progress(disable=True)
        self._run = self._progress.add_task('whole run', total=None, visible=False)

    def __enter__(self) -> SilentReporter:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @property
    def fraction(self) -> float | None:
        """Return the finished share of the run, 0 to 1; None while its length is unknown."""
        run = self._task(self._run)
        if run.total is None:
            return None
        return min(1.0, run.completed / run.total) if run.total else 1.0

    @property
    def remaining(self) -> float | None:
        """Return the seconds left at the speed of the last half minute; None if unknown."""
        run = self._task(self._run)
        return None if run.total is None else run.time_remaining

    def say(self, text: str) -> None:
        """See :meth:`Reporter.say`."""

    def plan(self, steps: int) -> None:
        """See :meth:`Reporter.plan`."""
        self._progress.update(self._run, total=steps, visible=True)

    @contextmanager
    def stage(self, title: str, total: int, in_steps: bool = True) -> Iterator[Stage]:
        """See :meth:`Reporter.stage`."""
        is_planned = in_steps and self._task(self._run).total is not None
        number = self._progress.add_task(title, total=total)
        try:
            yield CountedStage(self, number, is_planned)
            task, run = self._task(number), self._task(self._run)
            left = max(0, total - task.completed)
            if is_planned and run.total is not None and left:
                self._progress.update(self._run, total=run.total - left)
            self.on_advance(task, is_over=True)
        finally:
            self._progress.remove_task(number)

    def advance(self, number: TaskID, count: int, is_planned: bool) -> None:
        """Count the progress of a stage."""
        self._progress.advance(number, count)
        if is_planned:
            self._progress.advance(self._run, count)
        self.on_advance(self._task(number), is_over=False)

    def on_advance(self, task: Task, is_over: bool) -> None:
        """React to the progress of a stage.

        :param is_over: whether the stage has ended.
        """

    def bundle(self, path: Path) -> None:
        """Report the finished bundle."""

    def error(self, text: str) -> None:
        """Report why there is no bundle."""
        print(f'error: {text}', file=sys.stderr)

    def _task(self, number: TaskID) -> Task:
        return next(task for task in self._progress.tasks if task.id == number)


class CountedStage:
    """A stage that a reporter counts."""

    def __init__(self, reporter: SilentReporter, number: TaskID, is_planned: bool) -> None:
        self._reporter = reporter
        self._number = number
        self._is_planned = is_planned

    def advance(self, count: int = 1) -> None:
        """See :meth:`Stage.advance`."""
        self._reporter.advance(self._number, count, self._is_planned)


class TerminalReporter(SilentReporter):
    """Shows bars and messages on stderr, and the bundle's path, for scripts, on stdout."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
        super().__init__(Progress(
            TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(), TimeRemainingColumn(), console=self._console, transient=True,
        ))

    def say(self, text: str) -> None:
        """Print a message."""
        self._console.print(text)

    def bundle(self, path: Path) -> None:
        """Print the bundle's path."""
        print(path)

    def error(self, text: str) -> None:
        """Print why there is no bundle."""
        self._console.print(f'error: {text}')


class JsonReporter(SilentReporter):
    """Writes one JSON object a line, as described at the top of this module.

    :param stream: is flushed after each line.
    """

    PERIOD = 0.25
    """Least seconds between two ``progress`` lines, except at the end of a stage."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._last_write = 0.0

    def say(self, text: str) -> None:
        """Write a message."""
        self._write(event='say', text=text)

    @contextmanager
    def stage(self, title: str, total: int, in_steps: bool = True) -> Iterator[Stage]:
        """See :meth:`Reporter.stage`."""
        self._write(event='stage', title=title, total=total)
        with super().stage(title, total, in_steps) as stage:
            yield stage

    def on_advance(self, task: Task, is_over: bool) -> None:
        """Write the progress, at most once a `PERIOD`."""
        now = time.monotonic()
        if is_over or now - self._last_write >= self.PERIOD:
            self._last_write = now
            self._write(
                event='progress', stage=task.description, done=int(task.completed),
                total=int(task.total or 0), fraction=self.fraction, remaining=self.remaining,
            )

    def bundle(self, path: Path) -> None:
        """Write the bundle's absolute path."""
        self._write(event='bundle', path=str(path.absolute()))

    def error(self, text: str) -> None:
        """Write why there is no bundle."""
        self._write(event='error', text=text)

    def _write(self, **record: Any) -> None:
        self._stream.write(f'{json.dumps(record)}\n')
        self._stream.flush()
