# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Fit networks by plan, sources before targets; finished fits are stored and reused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
import fcntl
import hashlib
import json
import math
from pathlib import Path
from typing import NamedTuple

from dcat_ros.method import Ensemble, Network, pair_by_time, Pairing, SameLabel
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.training import provenance
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.fit import fit, FitSpec, Fitted, WEIGHTS
from dcat_ros.training.hardware import Hardware, is_first
from dcat_ros.training.negatives.recorded import RecordedNegatives
from dcat_ros.training.plan import Plan, SourcePlan
from dcat_ros.training.progress import Reporter
from dcat_ros.training.sampling import sampling_units, SamplingUnits, UNLABELLED
from dcat_ros.training.source_outputs import PairedSource, SourceOutputs, write_source_outputs
import numpy as np

MEMBER_SEEDS = 10_000
"""From the seed of one network in an ensemble to that of the next."""
LEAST_STEPS = 4
"""The learning rate needs as many to rise and fall."""


class RecipeData(NamedTuple):
    """A recipe with its data set.

    :param sums: SHA-256 of each bag by name, those of the negatives included.
    :param negatives: recorded ones, if any.
    """

    recipe: Config
    data: Dataset
    sums: Mapping[str, str]
    negatives: RecordedNegatives | None = None


class FitRunner:
    """Fits networks by plan.

    :param recipe_data: by the recipe names that plans use.
    :param pairing: `time` or `label`.
    :param work: directory of finished and unfinished fits.
    """

    def __init__(
        self,
        recipe_data: Mapping[str, RecipeData],
        pairing: str,
        work: Path,
        hardware: Hardware,
        reporter: Reporter,
    ) -> None:
        self._recipe_data = recipe_data
        self._pairing = pairing
        self._work = work
        self._hardware = hardware
        self._reporter = reporter

    def data(self, recipe: str) -> Dataset:
        """Return a recipe's data set."""
        return self._recipe_data[recipe].data

    def with_classes(self, recipe: str, data: Dataset) -> FitRunner:
        """Return a runner that fits a recipe to other classes.

        :param data: the recipe's data set with those classes.
        """
        own = self._recipe_data[recipe]
        changed = own._replace(recipe=replace(own.recipe, classes=data.classes), data=data)
        return FitRunner(
            {**self._recipe_data, recipe: changed}, self._pairing, self._work, self._hardware,
            self._reporter,
        )

    def negatives(self, recipe: str) -> RecordedNegatives | None:
        """Return a recipe's recorded negatives, if any."""
        return self._recipe_data[recipe].negatives

    def fit(self, plan: Plan, title: str) -> Fitted:
        """Return the network of a plan, fitted now or earlier.

        :param title: of the stage in the progress.
        :raises TrainingError: see :func:`dcat_ros.training.fit.fit`; also if source and target
            share no label.
        """
        members = self.members(plan)
        if len(members) == 1:
            return self._fit(plan, title)
        fitted = [
            self._fit(member, f'{title}, network {number} of {len(members)}')
            for number, member in enumerate(members, start=1)
        ]
        networks = [one.network for one in fitted if isinstance(one.network, Network)]
        return Fitted(Ensemble(networks).eval(), fitted[0].curve)

    def members(self, plan: Plan) -> list[Plan]:
        """Return the plans of a plan's networks, one or those of an ensemble."""
        count = self._recipe_data[plan.recipe].recipe.fit.members
        return [replace(plan, member=member) for member in range(count)]

    def _fit(self, plan: Plan, title: str) -> Fitted:
        """Return the network of one plan, fitted now or earlier."""
        folder = self._folder(plan)
        with _locked(folder):
            recipe, data, _, negatives = self._recipe_data[plan.recipe]
            units, steps = self._units(plan), self.steps(plan)
            sources = [self._paired_source(plan, source) for source in plan.sources]
            spec = FitSpec(
                units if sources else units.labelled,
                steps,
                plan.seed + MEMBER_SEEDS * plan.member,
                plan.method,
                sources,
                plan.weight,
                max(1, round(plan.stop * steps)),
                plan.validation,
                negatives.dense if negatives else None,
                negatives.rows(plan.negatives) if negatives else (),
            )
            return fit(data, recipe, spec, folder, self._hardware, self._reporter, title)

    def steps(self, plan: Plan) -> int:
        """Return the length of a plan's schedule in steps.

        Unlabelled clips count even without a source that could use them, so that all rows of a
        comparison are trained equally long.
        """
        recipe = self._recipe_data[plan.recipe].recipe
        passes = recipe.fit.epochs * plan.budget
        return max(LEAST_STEPS, math.ceil(passes * len(self._units(plan)) / recipe.fit.batch))

    def steps_left(self, plans: Iterable[Plan]) -> int:
        """Return the steps left of some plans and their sources, each counted once."""
        distinct = {*plans}
        distinct |= {source.plan for plan in distinct for source in plan.sources}
        return sum(
            round(plan.stop * self.steps(plan))
            for whole in distinct for plan in self.members(whole)
            if not (self._folder(plan) / WEIGHTS).exists()
        )

    def windows(self, plan: Plan) -> dict[str, int]:
        """Return how many training windows of each kind a plan uses, and how many are paired."""
        units = self._units(plan)
        if not plan.sources:
            return {'labelled': len(units.labelled.all_rows)}
        kinds = {'labelled': units.labelled, 'unlabelled': units.unlabelled}
        counts = {kind: len(of_kind.all_rows) for kind, of_kind in kinds.items()}
        for source in plan.sources:
            pairing = self.pairing_of(plan, source)
            for kind, of_kind in kinds.items():
                counts[f'{kind}_paired_with_{source.plan.recipe}'] = sum(
                    int(pairing.is_paired(rows, target).sum())
                    for rows, target in zip(of_kind.rows, of_kind.targets, strict=True)
                )
        return counts

    def pairing_of(self, plan: Plan, source: SourcePlan) -> Pairing:
        """Return which windows of a source are paired with which windows of the target."""
        source_data, target_data = self.data(source.plan.recipe), self.data(plan.recipe)
        if self._pairing == 'time':
            stride = max(
                self._recipe_data[name].recipe.sampling.dense_stride
                for name in (plan.recipe, source.plan.recipe)
            )
            return pair_by_time(
                target_data.dense.bags, target_data.dense.centres,
                source_data.dense.bags, source_data.dense.centres, round(stride * NANOSECONDS),
            )
        numbers = {label: number for number, label in enumerate(target_data.classes)}
        classes = np.full(len(source_data.dense), UNLABELLED)
        clips = source.plan.clips
        for clip, rows in zip(clips, source_data.dense.of_each(clips), strict=True):
            classes[rows] = numbers.get(source_data.clips[clip].label, UNLABELLED)
        return SameLabel(classes)

    def _units(self, plan: Plan) -> SamplingUnits:
        return sampling_units(self.data(plan.recipe), plan.clips, plan.hidden, plan.subjects)

    def _folder(self, plan: Plan) -> Path:
        used = [self._recipe_data[name] for name in plan.recipes]
        conditions = [
            [[provenance.settings(recipe), dict(sums)] for recipe, _, sums, _ in used],
            self._pairing if plan.sources else '',
            self._hardware.precision,
            self._hardware.devices * self._hardware.hosts,
            provenance.versions(),
        ]
        return self._work / f'{plan.recipe}.{plan.key(conditions)[:20]}'

    def _paired_source(self, plan: Plan, source: SourcePlan) -> PairedSource:
        """Return the outputs of a source, fitted now or earlier, for the target of a plan."""
        name = source.plan.recipe
        source_data, target_data = self.data(name), self.data(plan.recipe)
        numbers = {label: number for number, label in enumerate(target_data.classes)}
        classes = [numbers.get(label, UNLABELLED) for label in source_data.classes]
        if max(classes) == UNLABELLED:
            raise TrainingError(
                f'the source {name} knows {", ".join(source_data.classes)} and the target '
                f'{plan.recipe} {", ".join(target_data.classes)}: they share no label'
            )
        network = self.fit(source.plan, f'source {name}').network
        pairing = self.pairing_of(plan, source)
        rows = pairing.used_rows(self._units(plan).all_rows)
        digest = hashlib.sha256(json.dumps([classes, rows.tolist()]).encode()).hexdigest()
        # 'lessons' is the name in existing work directories, whose outputs are reused.
        folder = self._folder(source.plan) / f'lessons.{digest[:16]}'
        with _locked(folder.parent):
            write_source_outputs(
                network, source_data.dense, rows, classes, len(target_data.classes), folder,
                self._reporter, f'outputs of {name}',
            )
        pairing = pairing.renumbered(rows)
        if plan.shuffled:
            pairing = pairing.shuffled(np.random.default_rng(plan.seed))
        return PairedSource(SourceOutputs(folder), pairing, source.weight)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one program at a time work on a fit; the others wait, and find it finished."""
    folder.mkdir(parents=True, exist_ok=True)
    if not is_first():
        yield
        return
    with (folder / '.lock').open('a') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
