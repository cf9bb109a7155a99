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

    from dcat_ros.evaluation.inputs import StudyInputs


class Runner(Protocol):
    """What runs trials."""

    def run(self, trial: Trial) -> Outcome:
        """Fit and score one model."""


class RunnerError(TrainingError):
    """The trial runner cannot be made, so no trial can run."""


class Worker:
    """This process's trial runner, made when the first trial comes.

    :param make: returns the runner.
    """

    here: Worker

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


def begin(make: Callable[[], Runner]) -> None:
    """Prepare this process."""
    Worker.here = Worker(make)


def run(trial: Trial) -> Outcome:
    """Run a trial in this process, which `begin` has prepared."""
    return Worker.here.run(trial)


def silent_runner(inputs: StudyInputs, work: Path) -> Runner:
    """Return a runner that reports no progress.

    :param work: directory for what it keeps.
    """
    from dcat_ros.evaluation.trials import TrialRunner
    from dcat_ros.training.hardware import Hardware
    from dcat_ros.training.progress import Silent

    return TrialRunner(inputs, work, Hardware(), Silent())
