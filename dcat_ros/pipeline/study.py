# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The scores of a job: a study of its recipe and, with sources, of its baselines."""

from __future__ import annotations

from collections.abc import Sequence

from dcat_ros.evaluation.inputs import StudyInputs
from dcat_ros.evaluation.plan import control_of, planned, SOURCE, UNIMODAL
from dcat_ros.evaluation.protocol import Direction, Splits, Study, Subjects
from dcat_ros.evaluation.report.write import write
from dcat_ros.evaluation.results import Results, results_of
from dcat_ros.evaluation.splits import clips_in
from dcat_ros.evaluation.trial import Trial
from dcat_ros.evaluation.trial_store import TrialStore
from dcat_ros.evaluation.trials import TrialRunner
from dcat_ros.pipeline.job import Job
from dcat_ros.training import provenance
from dcat_ros.training.config import Protocol
from dcat_ros.training.dataset import find_bags, ordered
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.hardware import is_first
from dcat_ros.training.progress import Reporter


def study_inputs(job: Job) -> tuple[Protocol, StudyInputs]:
    """Return the protocol of a job, with its subjects named, and the inputs of its study.

    :raises TrainingError: if bags are missing or cannot be read, or there are too few subjects.
    """
    bags = find_bags(job.bags)
    source_bags = find_bags(job.source_bags) if job.source_bags else []
    clips = clips_in(bags, {})
    source_clips = clips_in(source_bags, {}) if source_bags else clips
    protocol = job.recipe.protocol.resolved(ordered(
        clip.subject for clip in clips
        if not job.recipe.classes or clip.label in job.recipe.classes
    ))
    name = job.recipe.name
    study = Study(
        name=name,
        title=(
            f'Does {job.source_text} teach {name}?' if job.sources else job.recipe.card.title
        ),
        directions=[Direction(job.source_text, name)],
        splits=Splits(Subjects(protocol.train, protocol.test, protocol.validation)),
        rows=[UNIMODAL, SOURCE, job.method, control_of(job.method)] if job.sources else [UNIMODAL],
        pairing=job.pairing,
        seeds=protocol.seeds,
        budget=job.budget,
    )
    sources = {source.recipe.name: source.recipe for source in job.sources}
    return protocol, StudyInputs(
        study,
        {name: job.recipe, **sources},
        bags,
        source_bags,
        (provenance.bags_of(bags), provenance.bags_of(source_bags)),
        {name: clips, **dict.fromkeys(sources, source_clips)},
    )


def unfinished_trials(job: Job, inputs: StudyInputs) -> list[Trial]:
    """Return the trials of a job that are not finished.

    :raises TrainingError: if there are any, but only the export was asked for.
    """
    trials = planned(inputs.study, inputs.study.rows)
    finished = TrialStore(job.work, inputs.key).finished(trials)
    unfinished = [trial for trial in trials if trial not in finished]
    if unfinished and job.only == 'export':
        raise TrainingError(
            f'seed {unfinished[0].seed} of these bags and settings is not evaluated: run '
            '`dcat train` without --only, or with --only evaluate, first'
        )
    return unfinished


def score(
    job: Job,
    trial_runner: TrialRunner,
    inputs: StudyInputs,
    unfinished: Sequence[Trial],
    reporter: Reporter,
) -> Results:
    """Run the unfinished trials; return the scores of all, and write the report on them.

    :raises TrainingError: if a trial cannot be run.
    """
    rows = list(inputs.study.rows)
    store = TrialStore(job.work, inputs.key)
    outcomes = store.finished(planned(inputs.study, rows))
    for trial in unfinished:
        outcomes[trial] = trial_runner.run(trial)
        if is_first():
            store.save(trial, outcomes[trial])
    results = results_of(inputs, rows, outcomes, {})
    for cell in results.tables[0].cells:
        scores = ', '.join(f'{100 * macro_f1:.1f}' for macro_f1 in cell.series.macro_f1)
        reporter.say(f'{cell.row}: macro-F1 {100 * cell.macro_f1.mean:.1f} (seeds: {scores})')
    if is_first() and job.sources:
        for path in write(results, job.out / f'{job.recipe.name}.report'):
            reporter.say(f'report: {path}')
    return results
