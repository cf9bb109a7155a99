# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Shows the progress of a study: a bar with the time left, and a line for each trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dcat_ros.evaluation.series import Series
from dcat_ros.evaluation.trial import Outcome, Trial
from dcat_ros.pages.text import counted, seconds
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Forecast:
    """Estimates the time left of a study from the times of similar trials.

    :param trials: of the whole study.
    :param done: those that are finished.
    :param workers: number of processes.
    """

    def __init__(
        self, trials: Sequence[Trial], done: Mapping[Trial, Outcome], workers: int
    ) -> None:
        self._open = dict.fromkeys(trials)
        self._workers = workers
        self._took: dict[tuple[str, str], list[float]] = {}
        for trial, outcome in done.items():
            self.finished(trial, outcome.seconds)

    def finished(self, trial: Trial, took: float) -> None:
        """Record a finished trial and its time in s."""
        self._took.setdefault((trial.target, trial.row), []).append(took)
        self.remove(trial)

    def remove(self, trial: Trial) -> None:
        """Remove a trial that will not run."""
        self._open.pop(trial, None)

    @property
    def remaining(self) -> float | None:
        """Seconds, None before the first trial is finished."""
        if not self._took:
            return None
        alike = {kind: float(np.mean(took)) for kind, took in self._took.items()}
        usual = float(np.mean(list(alike.values())))
        needed = sum(alike.get((trial.target, trial.row), usual) for trial in self._open)
        return needed / min(self._workers, max(len(self._open), 1))


class ProgressDisplay:
    """A bar on the console, below a line for each trial with the mean of its row so far.

    :param trials: of the whole study.
    :param done: those that are finished.
    :param workers: number of processes.
    """

    def __init__(
        self, trials: Sequence[Trial], done: Mapping[Trial, Outcome], workers: int,
        console: Console,
    ) -> None:
        self._forecast = Forecast(trials, done, workers)
        self._scores = {trial: _macro_f1(outcome) for trial, outcome in done.items()}
        self._console = console
        self._progress = Progress(
            TextColumn('trials'), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn('{task.fields[left]}'), console=console, transient=True,
        )
        self._task = self._progress.add_task(
            '', total=len(trials), completed=len(done), left=self._left()
        )
        if done:
            console.print(f'{counted(len(done), "trial")} of {len(trials)} finished before')

    def __enter__(self) -> ProgressDisplay:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Show a finished trial."""
        self._forecast.finished(trial, outcome.seconds)
        score = self._scores[trial] = _macro_f1(outcome)
        alike = [
            found for each, found in self._scores.items() if each.row_text == trial.row_text
        ]
        mean = f', mean of {counted(len(alike), "seed")} {100 * np.mean(alike):.1f}'
        self._show(f'{trial.row_text}, seed {trial.seed}: macro-F1 {100 * score:.1f}{mean}')

    def failed(self, trial: Trial, why: str) -> None:
        """Show a trial that cannot run."""
        self._forecast.remove(trial)
        self._show(f'error: {trial.row_text}, seed {trial.seed}: {why}')

    def _show(self, text: str) -> None:
        self._console.print(text)
        self._progress.update(self._task, advance=1, left=self._left())

    def _left(self) -> str:
        remaining = self._forecast.remaining
        return '' if remaining is None else f'about {seconds(remaining)} left'


def _macro_f1(outcome: Outcome) -> float:
    classes = len(outcome.scores[0]) if outcome.scores else 0
    return float(Series(classes, [0], [outcome], [[]]).macro_f1[0])
