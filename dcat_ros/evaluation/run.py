# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Run a study's trials in processes side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from dcat_ros.bags.process_pool import process_pool
from dcat_ros.evaluation.plan import sources_of
from dcat_ros.evaluation.trial import Outcome, Trial
from dcat_ros.evaluation.trial_store import TrialStore
from dcat_ros.training.errors import TrainingError

Failures = dict[Trial, str]


class Runner(Protocol):
    """Runs trials."""

    def run(self, trial: Trial) -> Outcome:
        """Fit and score one model."""


class ProgressListener(Protocol):
    """Is told how a study progresses."""

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Show a trial that has run."""

    def failed(self, trial: Trial, why: str) -> None:
        """Show a trial that cannot run."""


class RunnerError(TrainingError):
    """The trial runner cannot be made, so no trial can run."""


class Worker:
    """The trial runner of a worker process, made when the first trial arrives.

    :param make: returns the runner.
    """

    current: Worker

    def __init__(self, make: Callable[[], Runner]) -> None:
        self._make = make
        self._runner: Runner | None = None

    def run(self, trial: Trial) -> Outcome:
        """Run a trial.

        :raises RunnerError: if the runner cannot be made.
        """
        if self._runner is None:
            try:
                self._runner = self._make()
            except (TrainingError, OSError) as error:
                raise RunnerError(str(error)) from error
        return self._runner.run(trial)


def start_worker(make: Callable[[], Runner]) -> None:
    """Prepare this process."""
    Worker.current = Worker(make)


def run_in_worker(trial: Trial) -> Outcome:
    """Run a trial in this process, which `start_worker` has prepared."""
    return Worker.current.run(trial)


class Run:
    """The unfinished trials, and the processes that run them.

    :param trials: in the order of work.
    :param store: of finished trials.
    :param make: returns the trial runner; it is pickled, and called once in each process.
    """

    def __init__(
        self, trials: Sequence[Trial], store: TrialStore, make: Callable[[], Runner],
        progress: ProgressListener
    ) -> None:
        done = store.finished(trials)
        self._waiting = [trial for trial in trials if trial not in done]
        self._running: dict[Future[Outcome], Trial] = {}
        self._store = store
        self._make = make
        self._progress = progress
        self.failures: Failures = {}

    def to_the_end(self, workers: int) -> Failures:
        """Run all trials; return why some failed. The others continue.

        Each trial waits for its source's own trial, whose model it needs, and fails with it.

        :param workers: number of processes.
        :raises TrainingError: if the trial runner cannot be made, or a process dies.
        """
        if not self._waiting:
            return self.failures
        count = min(workers, len(self._waiting))
        try:
            with process_pool(count, start_worker, self._make) as pool:
                while self._waiting or self._running:
                    self._start(pool, workers)
                    done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                    for future in done:
                        self._finish(self._running.pop(future), future)
        except BrokenProcessPool as error:
            raise TrainingError(
                'a worker process was killed, perhaps because memory ran out: run the command '
                'again, with fewer --workers; finished trials are kept'
            ) from error
        return self.failures

    def _start(self, pool: ProcessPoolExecutor, workers: int) -> None:
        """Give the free processes trials that can run."""
        for trial in list(self._waiting):
            if len(self._running) >= workers:
                return
            sources = sources_of(trial)
            failed = [source for source in sources if source in self.failures]
            if failed:
                self._waiting.remove(trial)
                self._fail(trial, f'its source failed: {self.failures[failed[0]]}')
            elif not set(sources) & {*self._waiting, *self._running.values()}:
                self._waiting.remove(trial)
                self._running[pool.submit(run_in_worker, trial)] = trial

    def _finish(self, trial: Trial, future: Future[Outcome]) -> None:
        error = future.exception()
        if isinstance(error, RunnerError | BrokenProcessPool):
            raise error
        if error is not None:
            known = isinstance(error, TrainingError)
            self._fail(trial, str(error) if known else f'{type(error).__name__}: {error}')
            return
        outcome = future.result()
        self._store.save(trial, outcome)
        self._progress.finished(trial, outcome)

    def _fail(self, trial: Trial, why: str) -> None:
        self.failures[trial] = why
        self._progress.failed(trial, why)
