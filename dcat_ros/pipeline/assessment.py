# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How a job is scored: a study of one direction, of all labels, on the recipe's own protocol."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dcat_ros.evaluation.inputs import StudyInputs
from dcat_ros.evaluation.plan import planned
from dcat_ros.evaluation.protocol import Direction, Splits, Study, Subjects
from dcat_ros.evaluation.report.write import write
from dcat_ros.evaluation.results import Results, results_of
from dcat_ros.evaluation.rows import control_of, SOURCE, UNIMODAL
from dcat_ros.evaluation.splits import clips_in
from dcat_ros.evaluation.trial import Trial
from dcat_ros.evaluation.trial_store import TrialStore
from dcat_ros.evaluation.trials import TrialRunner
from dcat_ros.training import provenance
from dcat_ros.training.bag_selection import find_bags
from dcat_ros.training.config import Protocol
from dcat_ros.training.dataset import ordered
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.hardware import is_first
from dcat_ros.training.progress import Reporter

if TYPE_CHECKING:
    from dcat_ros.pipeline.job import Job

SPLIT = 'out_of_distribution'


def study_inputs(job: Job) -> tuple[Protocol, StudyInputs]:
    """Return the protocol of a job, with its subjects named, and what it is made of.

    :raises TrainingError: if bags are missing or cannot be read, or subjects are too few.
    """
    if job.source_bags and job.pairing == 'time':
        raise TrainingError(
            'source bags are given, but pairing is "time", which is within the same bags: set '
            'pairing to "label", or leave the source bags out'
        )
    if job.sources and job.pairing == 'label' and not job.source_bags:
        raise TrainingError('pairing is "label": name the bags of the source')
    bags = find_bags(job.bags)
    source_bags = find_bags(job.source_bags) if job.source_bags else []
    clips = clips_in(bags, {})
    known = [clip for clip in clips if clip.label in (job.recipe.classes or [clip.label])]
    protocol = job.recipe.protocol.resolved(ordered(clip.subject for clip in known))
    source = source_text(job)
    rows = [UNIMODAL]
    if job.sources:
        rows += [SOURCE, job.method, control_of(job.method)]
    study = Study(
        name=job.recipe.name,
        title=f'Does {source} teach {job.recipe.name}?' if source else job.recipe.card.title,
        directions=[Direction(source, job.recipe.name)],
        splits=Splits(Subjects(protocol.train, protocol.test, protocol.validation)),
        rows=rows,
        pairing=job.pairing,
        seeds=protocol.seeds,
        budget=job.budget,
    )
    recipes = {each.name: each for each in (job.recipe, *(t.recipe for t in job.sources))}
    elsewhere = {t.recipe.name for t in job.sources} if source_bags else set()
    source_clips = clips_in(source_bags, {}) if source_bags else []
    inputs = StudyInputs(
        study,
        recipes,
        bags,
        source_bags,
        (provenance.bags_of(bags), provenance.bags_of(source_bags)),
        {name: source_clips if name in elsewhere else clips for name in recipes},
    )
    return protocol, inputs


def source_text(job: Job) -> str:
    """Return the sources as a trial names them."""
    return '+'.join(
        each.recipe.name if each.weight == 1 else f'{each.recipe.name}={each.weight:g}'
        for each in job.sources
    )


def missing_of(job: Job, inputs: StudyInputs) -> list[Trial]:
    """Return the trials of a job that are not finished.

    :raises TrainingError: if all of them were to be.
    """
    trials = planned(inputs.study, inputs.study.rows)
    finished = _trial_store(job, inputs).finished(trials)
    missing = [trial for trial in trials if trial not in finished]
    if missing and job.only == 'export':
        raise TrainingError(
            f'seed {missing[0].seed} of these bags and settings is not evaluated: run '
            '`dcat train` without --only, or with --only evaluate, first'
        )
    return missing


def evaluated(
    job: Job,
    trial_runner: TrialRunner,
    inputs: StudyInputs,
    missing: Sequence[Trial],
    reporter: Reporter,
) -> Results:
    """Return the scores of a job's rows, of each seed, and write the report on them.

    :param missing: trials that are not finished.
    :raises TrainingError: if a score cannot be had.
    """
    rows = list(inputs.study.rows)
    store = _trial_store(job, inputs)
    outcomes = store.finished(planned(inputs.study, rows))
    for trial in missing:
        outcomes[trial] = trial_runner.run(trial)
        if is_first():
            store.save(trial, outcomes[trial])
    results = results_of(inputs, rows, outcomes, {})
    for cell in results.tables[0].cells:
        scores = ', '.join(f'{100 * score:.1f}' for score in cell.series.macro_f1)
        reporter.say(f'{cell.row}: macro-F1 {100 * cell.macro_f1.mean:.1f} (seeds: {scores})')
    if is_first() and job.sources:
        for path in write(results, job.out / f'{job.recipe.name}.report'):
            reporter.say(f'report: {path}')
    return results


def _trial_store(job: Job, inputs: StudyInputs) -> TrialStore:
    return TrialStore(job.out / f'{job.recipe.name}.work', inputs.key)
