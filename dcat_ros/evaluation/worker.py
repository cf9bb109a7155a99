# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A process that runs one trial after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TYPE_CHECKING

from dcat_ros.evaluation.trial import Outcome, Trial
from dcat_ros.training.errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path

    from dcat_ros.evaluation.inputs import Material


class Bench(Protocol):
    """What runs trials."""

    def run(self, trial: Trial) -> Outcome:
        """Fit and score one model."""


class BenchError(TrainingError):
    """There is no bench, so that no trial can be run."""


class Worker:
    """This process's bench, made when the first trial comes.

    :param make: returns the bench.
    """

    here: Worker

    def __init__(self, make: Callable[[], Bench]) -> None:
        self._make = make
        self._bench: Bench | None = None

    def run(self, trial: Trial) -> Outcome:
        """Run a trial.

        :raises BenchError: if the bench cannot be made.
        """
        if self._bench is None:
            try:
                self._bench = self._make()
            except (TrainingError, OSError) as error:
                raise BenchError(str(error)) from error
        return self._bench.run(trial)


def begin(make: Callable[[], Bench]) -> None:
    """Prepare this process."""
    Worker.here = Worker(make)


def run(trial: Trial) -> Outcome:
    """Run a trial in this process, which `begin` has prepared."""
    return Worker.here.run(trial)


def silent_bench(material: Material, work: Path) -> Bench:
    """Return a bench that tells nobody of its steps.

    :param work: directory for what it keeps.
    """
    from dcat_ros.evaluation import trials as bench
    from dcat_ros.training.hardware import Machine
    from dcat_ros.training.progress import Silent

    return bench.Bench(material, work, Machine(), Silent())
