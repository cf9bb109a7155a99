# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From bags to a deployable bundle, and a report on whether the transfer helped."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dcat_ros.evaluation.trials import TrialRunner
from dcat_ros.method import METHODS
from dcat_ros.pipeline.assessment import evaluated, missing_of, study_inputs
from dcat_ros.pipeline.final import Final
from dcat_ros.training.calibrate import calibrate, folds_of
from dcat_ros.training.config import Config
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.export import export, refuse_existing
from dcat_ros.training.hardware import Hardware, is_first
from dcat_ros.training.progress import Reporter
import torch


@dataclass(frozen=True)
class Source:
    """A source.

    :param weight: among several.
    """

    recipe: Config
    weight: float = 1.0


@dataclass(frozen=True)
class Job:
    """What is to be made of which bags.

    :param bags: bags, or directories of bags.
    :param out: gets the bundle, the report, and a directory of finished and unfinished work.
    :param sources: who teaches; none for a unimodal model.
    :param source_bags: bags of the sources, where they are not the target's own.
    :param method: a name in ``dcat_ros.method.METHODS``.
    :param pairing: `time` or `label`.
    :param budget: factor on the recipes' epochs.
    :param only: `evaluate` to stop after the scores, `export` to go on from finished ones.
    :param force: whether a bundle that is there may be replaced.
    """

    recipe: Config
    bags: tuple[Path, ...]
    out: Path
    sources: tuple[Source, ...] = ()
    source_bags: tuple[Path, ...] = ()
    method: str = 'dcat'
    pairing: str = 'time'
    budget: float = 1.0
    only: str = ''
    force: bool = False
    hardware: Hardware = field(default_factory=Hardware)

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if they do not fit together.
        """
        if self.sources and self.method not in METHODS:
            raise TrainingError(
                f'method is "{self.method}", expected one of {", ".join(METHODS)}'
            )
        names = [self.recipe.name, *(teacher.recipe.name for teacher in self.sources)]
        if len(set(names)) < len(names):
            raise TrainingError(
                f'the recipes are {", ".join(names)}: target and sources must be different ones'
            )


def run(job: Job, reporter: Reporter) -> Path | None:
    """Score the recipe, with sources also against its rivals, calibrate it, and write the bundle.

    Scores come from the protocol's training subjects alone; then the recipe is fitted once more,
    to all subjects. What is finished is kept and taken again while bags and settings stay the
    same.

    :return: the bundle, None where only scores were asked for, or where another process writes.
    :raises TrainingError: if it cannot be done; what was finished is kept.
    """
    torch.set_num_threads(1)
    bundle, work = job.out / job.recipe.name, job.out / f'{job.recipe.name}.work'
    if job.only != 'evaluate':
        refuse_existing(bundle, job.force)
    protocol, inputs = study_inputs(job)
    inputs.check()
    trial_runner = TrialRunner(inputs, work, job.hardware, reporter)
    missing = missing_of(job, inputs)
    fit_runner, final = trial_runner.fit_runner, Final(job, trial_runner, protocol)
    data = fit_runner.data(job.recipe.name)
    plans = [trial_runner.plan_of(trial)[0] for trial in missing]
    if job.only != 'evaluate':
        groups = [kept for kept, _ in folds_of(data.subjects, protocol.folds)]
        plans += [final.plan(subjects) for subjects in (*groups, data.subjects)]
    reporter.plan(fit_runner.steps_left(plans))
    results = evaluated(job, trial_runner, inputs, missing, reporter)
    if job.only == 'evaluate':
        return None
    calibration = calibrate(final.learn, data, protocol.folds)
    reporter.say(
        f'temperature {calibration.temperature:.3f}, threshold {calibration.threshold:.3f}'
    )
    network = final.learn(data.subjects, 'final model')
    if not is_first():
        return None
    manifest, text = final.described(network, calibration, results)
    export(network, data, manifest, text, bundle)
    return bundle
