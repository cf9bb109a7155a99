# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Bundles of two sensors for each seed, fitted and calibrated on the training people alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from dcat_ros.bundles import Manifest
from dcat_ros.evaluation.statistics import estimate
from dcat_ros.training import provenance
from dcat_ros.training.calibrate import calibrate
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset, load
from dcat_ros.training.export import export
from dcat_ros.training.fit_runner import FitRunner, RecipeData
from dcat_ros.training.hardware import Hardware
from dcat_ros.training.negatives.recorded import load_negatives, negative_bags
from dcat_ros.training.plan import Plan
from dcat_ros.training.progress import Reporter
from dcat_ros.training.score import macro_f1_of, predicted_classes, scores_of


def one_network(recipe: str) -> Config:
    """Return a shipped recipe with a single network a fit."""
    config = Config.read(recipe)
    return replace(config, fit=replace(config.fit, members=1))


def bundles(
    recipe: Config, bags: Sequence[Path], seeds: int, work: Path, reporter: Reporter
) -> Iterator[Path]:
    """Yield the bundle of each seed.

    Its validated score, by which it votes, is that of the seed's networks with a training person
    left out. So nothing of it comes from the test people.

    :param work: directory for windows, fits and bundles.
    """
    train, cache = recipe.protocol.train, work / 'windows'
    data = load(bags, recipe, cache, reporter)
    negatives = load_negatives(recipe, cache, reporter)
    sums = provenance.bags_of(bags) | provenance.bags_of(negative_bags(recipe))
    runner = FitRunner(
        {recipe.name: RecipeData(recipe, data, sums, negatives)}, 'time', work / 'fits',
        Hardware('cpu'), reporter,
    )
    held_back = tuple(negatives.trained) if negatives else ()

    def plan(subjects: Sequence[str], seed: int) -> Plan:
        clips = tuple(data.clips_of(subjects))
        return Plan(recipe.name, clips, seed=seed, negatives=held_back)

    calibration = calibrate(
        lambda subjects, title: runner.fit(plan(subjects, 0), title).network,
        data, train, recipe.protocol.folds,
    )
    validated = estimate([_left_out(runner, data, plan, train, person) for person in train]).mean
    for seed in range(seeds):
        network = runner.fit(plan(train, seed), f'{recipe.name}, seed {seed}').network
        manifest = Manifest(
            recipe.name, recipe.modality, dict(recipe.features), recipe.window, data.classes,
            calibration.temperature, calibration.threshold,
            {'macro_f1': validated, 'protocol': 'a training person left out'}, {'seed': seed},
        )
        folder = work / f'{recipe.name}.{seed}'
        if not folder.exists():
            export(network, data, manifest, f'# {recipe.name}\n', folder)
        yield folder


def _left_out(
    runner: FitRunner,
    data: Dataset,
    plan: Callable[[Sequence[str], int], Plan],
    train: Sequence[str],
    person: str,
) -> float:
    """Return the macro-F1 on a person of the network fitted to the other training people."""
    others = [subject for subject in train if subject != person]
    network = runner.fit(plan(others, 0), f'without {person}').network
    clips = data.clips_of([person])
    found = predicted_classes(scores_of(network, data, clips).clips)
    return macro_f1_of(data.targets[clips], found, len(data.classes))
