# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From bags to a bundle: score the recipe, calibrate it, fit it to all subjects, export it."""

from __future__ import annotations

from pathlib import Path

from dcat_ros.evaluation.trials import TrialRunner
from dcat_ros.pipeline.final_model import FinalModel
from dcat_ros.pipeline.job import Job
from dcat_ros.pipeline.study import score, study_inputs, unfinished_trials
from dcat_ros.training.calibrate import calibrate, calibration_parts
from dcat_ros.training.export import export, refuse_existing
from dcat_ros.training.hardware import is_first
from dcat_ros.training.progress import Reporter
import torch


def train(job: Job, reporter: Reporter) -> Path | None:
    """Score the recipe, with sources also against its baselines; calibrate it; write the bundle.

    The scores use the protocol's training subjects only; the final model is fitted to all
    subjects. Finished parts are stored and reused while bags and settings stay the same.

    :return: the bundle; None if only scores were asked for, or if another process writes it.
    :raises TrainingError: if the job cannot be done; finished parts stay stored.
    """
    torch.set_num_threads(1)
    if job.only != 'evaluate':
        refuse_existing(job.bundle, job.force)
    protocol, inputs = study_inputs(job)
    inputs.check()
    trial_runner = TrialRunner(inputs, job.work, job.hardware, reporter)
    unfinished = unfinished_trials(job, inputs)
    data = trial_runner.fit_runner.data(job.recipe.name)
    final_model = FinalModel(job, trial_runner, protocol)
    plans = [trial_runner.plan_of(trial)[0] for trial in unfinished]
    if job.only != 'evaluate':
        for subjects, hold_back in ((protocol.train, True), (data.subjects, False)):
            if len(subjects) > 1:
                parts, swapped = calibration_parts(data, subjects, protocol.folds)
                plans += [final_model.plan(kept, hold_back) for kept, _ in parts + swapped]
        plans.append(final_model.plan(data.subjects))
    reporter.plan(trial_runner.fit_runner.steps_left(plans))
    results = score(job, trial_runner, inputs, unfinished, reporter)
    if job.only == 'evaluate':
        return None
    open_set = None
    if len(protocol.train) > 1:
        nested = calibrate(final_model.fit_held_back, data, protocol.train, protocol.folds)
        open_set = final_model.open_set(nested)
    calibration = calibrate(final_model.fit, data, data.subjects, protocol.folds)
    promise = calibration.promise
    reporter.say(
        f'temperature {calibration.temperature:.3f}, threshold {calibration.threshold:.3f}: of '
        f'new people, {100 * promise.named:.0f} % of the known windows are named, '
        f'{100 * promise.right:.0f} % of those rightly'
    )
    network = final_model.fit(data.subjects, 'final model')
    if not is_first():
        return None
    manifest, card = final_model.describe(network, calibration, results, open_set)
    export(network, data, manifest, card, job.bundle)
    return job.bundle
