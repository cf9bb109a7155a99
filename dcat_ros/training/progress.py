# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a training says while it runs: to a terminal, or to a program as JSON, one object a line.

Every object has an ``event``:

=============  ==========================================================================
``say``        ``text``: a sentence for people
``stage``      ``title``, ``total``: a part of the work begins
``progress``   ``stage``, ``done``, ``total``; of the whole run ``fraction`` (0 to 1) and
               ``remaining`` (s), null as long as they are not known
``bundle``     ``path``: the absolute path of the bundle, which is whole; the last line
``error``      ``text``: why there is none, and the remedy; the last line
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
    """A part of the work that is under way."""

    def advance(self, count: int = 1) -> None:
        """Tell that more of it is done."""


class Reporter(Protocol):
    """Whoever wants to know how a training goes."""

    def say(self, text: str) -> None:
        """Take a sentence for people."""

    def plan(self, steps: int) -> None:
        """Take the optimisation steps of the whole run, or a better estimate of them.

        Each advance of the stages that begin afterwards is one of these steps, but for stages of
        other work. Parts that are finished already belong neither to the plan nor to a stage.
        """

    def stage(
        self, title: str, total: int, in_steps: bool = True
    ) -> AbstractContextManager[Stage]:
        """Begin a part of the work, one at a time; what it leaves undone at its end is not needed.

        :param total: what it will advance at most.
        :param in_steps: whether it advances by optimisation steps.
        """


class Counting:
    """Counts what is done of each stage and of the whole run, and how long the rest takes.

    :param progress: counts, and shows it unless disabled.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._run = progress.add_task('whole run', total=None, visible=False)

    @property
    def fraction(self) -> float | None:
        """Return the share of the run that is done, 0 to 1; None while its length is unknown."""
        run = self._task(self._run)
        if run.total is None:
            return None
        return min(1.0, run.completed / run.total) if run.total else 1.0

    @property
    def remaining(self) -> float | None:
        """Seconds that the run goes on, by the speed of the last half minute; None if unknown."""
        run = self._task(self._run)
        return None if run.total is None else run.time_remaining

    def plan(self, steps: int) -> None:
        """See :meth:`Reporter.plan`."""
        self._progress.update(self._run, total=steps, visible=True)

    @contextmanager
    def stage(self, title: str, total: int, in_steps: bool = True) -> Iterator[Stage]:
        """See :meth:`Reporter.stage`."""
        is_planned = in_steps and self._task(self._run).total is not None
        number = self._progress.add_task(title, total=total)
        try:
            yield Part(self, number, is_planned)
            task, run = self._task(number), self._task(self._run)
            spared = max(0, total - task.completed)
            if is_planned and run.total is not None and spared:
                self._progress.update(self._run, total=run.total - spared)
            self.advanced(task, is_over=True)
        finally:
            self._progress.remove_task(number)

    def count(self, number: TaskID, count: int, is_planned: bool) -> None:
        """Count what a stage has done."""
        self._progress.advance(number, count)
        if is_planned:
            self._progress.advance(self._run, count)
        self.advanced(self._task(number), is_over=False)

    def advanced(self, task: Task, is_over: bool) -> None:
        """Take note of what has been counted.

        :param task: of the stage.
        :param is_over: whether the stage has ended.
        """

    def _task(self, number: TaskID) -> Task:
        return next(task for task in self._progress.tasks if task.id == number)


class Part:
    """A stage of what counts."""

    def __init__(self, counting: Counting, number: TaskID, is_planned: bool) -> None:
        self._counting = counting
        self._number = number
        self._is_planned = is_planned

    def advance(self, count: int = 1) -> None:
        """See :meth:`Stage.advance`."""
        self._counting.count(self._number, count, self._is_planned)


class Terminal(Counting):
    """Bars and sentences on stderr; the bundle's path, for scripts, on stdout."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
        super().__init__(Progress(
            TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(), TimeRemainingColumn(), console=self._console, transient=True,
        ))

    def __enter__(self) -> Terminal:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a sentence."""
        self._console.print(text)

    def bundle(self, path: Path) -> None:
        """Print where the bundle is."""
        print(path)

    def error(self, text: str) -> None:
        """Print why there is none."""
        self._console.print(f'error: {text}')


class Silent(Counting):
    """For a process that trains beside the one that speaks: nothing but errors, on stderr."""

    def __init__(self) -> None:
        super().__init__(Progress(disable=True))

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def say(self, text: str) -> None:
        """Leave it to the other process."""

    def bundle(self, path: Path) -> None:
        """Leave it to the other process."""

    def error(self, text: str) -> None:
        """Print why there is no bundle."""
        print(f'error: {text}', file=sys.stderr)


class JsonLines(Counting):
    """One JSON object a line, as the module describes them.

    :param stream: where to; each line is flushed.
    """

    PERIOD = 0.25
    """Seconds between two lines on progress, but at a stage's end."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(Progress(disable=True))
        self._stream = stream
        self._said = 0.0

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def say(self, text: str) -> None:
        """Write a sentence."""
        self._write(event='say', text=text)

    @contextmanager
    def stage(self, title: str, total: int, in_steps: bool = True) -> Iterator[Stage]:
        """See :meth:`Reporter.stage`."""
        self._write(event='stage', title=title, total=total)
        with super().stage(title, total, in_steps) as stage:
            yield stage

    def advanced(self, task: Task, is_over: bool) -> None:
        """Write how far the run is, if it has not been written just now."""
        now = time.monotonic()
        if is_over or now - self._said >= self.PERIOD:
            self._said = now
            self._write(
                event='progress', stage=task.description, done=int(task.completed),
                total=int(task.total or 0), fraction=self.fraction, remaining=self.remaining,
            )

    def bundle(self, path: Path) -> None:
        """Write where the bundle is."""
        self._write(event='bundle', path=str(path.absolute()))

    def error(self, text: str) -> None:
        """Write why there is none."""
        self._write(event='error', text=text)

    def _write(self, **record: Any) -> None:
        self._stream.write(f'{json.dumps(record)}\n')
        self._stream.flush()
