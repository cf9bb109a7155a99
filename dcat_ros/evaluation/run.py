# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Run a study's trials in processes side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Protocol

from dcat_ros.bags.process_pool import process_pool
from dcat_ros.evaluation import worker
from dcat_ros.evaluation.plan import sources_of
from dcat_ros.evaluation.trial import Outcome, Trial
from dcat_ros.evaluation.trial_store import TrialStore
from dcat_ros.evaluation.worker import Runner, RunnerError
from dcat_ros.training.errors import TrainingError

Failures = dict[Trial, str]


class ProgressListener(Protocol):
    """Whoever wants to know how a study goes."""

    def finished(self, trial: Trial, outcome: Outcome) -> None:
        """Take note of a trial that has been run."""

    def failed(self, trial: Trial, why: str) -> None:
        """Take note of a trial that cannot be run."""


class Run:
    """The trials that are not finished yet, and the processes that run them.

    :param trials: in the order of work.
    :param store: where finished ones are and go.
    :param make: returns what runs trials; it is pickled, and called once in each process.
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
        """Run all trials; return why those failed that did. The others go on.

        Each waits for its source's own trial, whose model it is taught by, and fails with it.

        :param workers: number of processes.
        :raises TrainingError: if the trial runner cannot be made, or a process dies.
        """
        if not self._waiting:
            return self.failures
        count = min(workers, len(self._waiting))
        try:
            with process_pool(count, worker.begin, self._make) as pool:
                while self._waiting or self._running:
                    self._start(pool, workers)
                    done, _ = wait(self._running, return_when=FIRST_COMPLETED)
                    for future in done:
                        self._take(self._running.pop(future), future)
        except BrokenProcessPool as error:
            raise TrainingError(
                'a worker process was killed, maybe for want of memory: run the command again, '
                'with fewer --workers; finished trials are kept'
            ) from error
        return self.failures

    def _start(self, pool: ProcessPoolExecutor, workers: int) -> None:
        """Give the free processes what can be run."""
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
                self._running[pool.submit(worker.run, trial)] = trial

    def _take(self, trial: Trial, future: Future[Outcome]) -> None:
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
