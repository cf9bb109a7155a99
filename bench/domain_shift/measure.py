# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Run all trials that are not in the results yet."""

from __future__ import annotations

from pathlib import Path

from bench.common.machine import machine
from bench.domain_shift.recordings import read
from bench.domain_shift.results import chance, Results, Trial
from bench.domain_shift.rows import ROWS, TEST, TRAIN
from bench.domain_shift.trials import STEPS, Trials
from dcat_ros.training import provenance
from dcat_ros.training.config import Config
from dcat_ros.training.errors import TrainingError
from rich.progress import Progress
import torch

RECIPE = Path(__file__).with_name('recipe.yaml')
PHONE = {'name': 'phone', 'mounting': [0.0, 0.0, -90.0]}
"""The long axis of the phone, its y, lies along the thigh, where the model expects x."""


def measure(
    utd: Path, sp: Path, work: Path, path: Path, seeds: int, progress: Progress
) -> None:
    """Fit and score the network of each row.

    :param utd: bags of UTD-MHAD; `sp` are those of SP/SW-HAR.
    :param work: directory for windows and fits.
    :param path: of the results, written after each trial.
    :raises OSError: if the bags cannot be used.
    """
    torch.set_num_threads(1)
    recipe, cache = Config.read(str(RECIPE)), work / 'windows'
    try:
        trials = Trials(
            read(utd, recipe, {}, cache),
            read(sp, recipe, {'name': 'watch'}, cache),
            read(sp, recipe, PHONE, cache).upright(),
            recipe, work / 'fits',
        )
        results = _results(trials, recipe, path)
        task = progress.add_task('trials', total=seeds * len(ROWS))
        for seed in range(seeds):
            for row in ROWS:
                if not results.has(row, seed):
                    scores, facts = trials.scores(row, seed)
                    results.add(Trial.of(row, seed, trials.truth(row.tested), scores, facts))
                progress.advance(task)
    except TrainingError as error:
        raise OSError(str(error)) from error


def _results(trials: Trials, recipe: Config, path: Path) -> Results:
    """Return the results of trials with the same settings, or none."""
    return Results(
        path,
        {
            'recipe': provenance.settings(recipe),
            'steps': STEPS,
            'train': {place: list(people) for place, people in TRAIN.items()},
            'test': {place: list(people) for place, people in TEST.items()},
            'windows': trials.sums,
            'versions': provenance.versions(),
        },
        {
            'machine': machine(),
            'counts': {place: trials.counts(place) for place in TEST},
            'chance': {
                place: chance(trials.truth(place), len(recipe.classes)) for place in TEST
            },
        },
    )
