# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Fits networks by plan: sources first, then those whom they teach. What is finished is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
import fcntl
import hashlib
import json
import math
from pathlib import Path
from typing import NamedTuple

from dcat_ros.method import Pairing, same_time, SameLabel
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.training import provenance
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.fit import fit, FitSpec, Fitted, WEIGHTS
from dcat_ros.training.hardware import Hardware, is_first
from dcat_ros.training.plan import Plan, SourcePlan
from dcat_ros.training.progress import Reporter
from dcat_ros.training.sampling import sampling_units, SamplingUnits, UNLABELLED
from dcat_ros.training.source_outputs import PairedSource, SourceOutputs, write_source_outputs
import numpy as np

LEAST_STEPS = 4
"""Fewer leave the learning rate no room to rise and fall."""


class RecipeData(NamedTuple):
    """A recipe with its recordings.

    :param sums: SHA-256 of each bag by name.
    """

    recipe: Config
    data: Dataset
    sums: Mapping[str, str]


class FitRunner:
    """Fits networks by plan.

    :param recipe_data: by the names that plans give to recipes.
    :param pairing: `time` or `label`.
    :param work: directory for what is finished, and for what is not.
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
        """Return a recipe's recordings."""
        return self._recipe_data[recipe].data

    def fit(self, plan: Plan, title: str) -> Fitted:
        """Return the network of a plan, fitted now or before.

        :param title: what the progress says.
        :raises TrainingError: as of :func:`dcat_ros.training.fit.fit`, or if source and target
            have nothing in common.
        """
        place = self._place(plan)
        with _locked(place):
            recipe, data, _ = self._recipe_data[plan.recipe]
            units = self._units(plan)
            steps = self.steps(plan)
            sources = [self._paired_source(plan, source) for source in plan.sources]
            spec = FitSpec(
                units if sources else units.labelled,
                steps,
                plan.seed,
                plan.method,
                sources,
                plan.weight,
                max(1, round(plan.stop * steps)),
                plan.validation,
            )
            return fit(data, recipe, spec, place, self._hardware, self._reporter, title)

    def steps(self, plan: Plan) -> int:
        """Return the steps of a plan's schedule.

        A clip without label counts too, also where nobody speaks of it: so a row of a comparison
        is trained as long as any other.
        """
        recipe = self._recipe_data[plan.recipe].recipe
        count = len(self._units(plan))
        passes = recipe.fit.epochs * plan.budget
        return max(LEAST_STEPS, math.ceil(passes * count / recipe.fit.batch))

    def steps_left(self, plans: Iterable[Plan]) -> int:
        """Return the steps that some plans and their sources, each once, still take."""
        every = {each for plan in plans for each in (plan, *(t.plan for t in plan.sources))}
        return sum(
            round(plan.stop * self.steps(plan)) for plan in every
            if not (self._place(plan) / WEIGHTS).exists()
        )

    def windows(self, plan: Plan) -> dict[str, int]:
        """Return how many training windows of each kind a plan uses, and how many are paired."""
        units = self._units(plan)
        kinds = {'labelled': units.labelled, 'unlabelled': units.unlabelled}
        if not plan.sources:
            return {'labelled': len(kinds['labelled'].all_rows)}
        counts = {kind: len(each.all_rows) for kind, each in kinds.items()}
        for source_plan in plan.sources:
            pairing = self.pairing_of(plan, source_plan)
            for kind, each in kinds.items():
                paired = [
                    pairing.has_partner(rows, target)
                    for rows, target in zip(each.rows, each.targets, strict=True)
                ]
                name = f'{kind}_paired_with_{source_plan.plan.recipe}'
                counts[name] = sum(int(each.sum()) for each in paired)
        return counts

    def _units(self, plan: Plan) -> SamplingUnits:
        return sampling_units(self.data(plan.recipe), plan.clips, plan.hidden, plan.subjects)

    def _place(self, plan: Plan) -> Path:
        used = [self._recipe_data[name] for name in plan.recipes]
        circumstances = [
            [[provenance.settings(each.recipe), dict(each.sums)] for each in used],
            self._pairing if plan.sources else '',
            self._hardware.precision,
            self._hardware.devices * self._hardware.hosts,
            provenance.versions(),
        ]
        return self._work / f'{plan.recipe}.{plan.key(circumstances)[:20]}'

    def _paired_source(self, plan: Plan, source_plan: SourcePlan) -> PairedSource:
        """Return what a source, fitted now or before, says to the learner of a plan."""
        own, learner = self.data(source_plan.plan.recipe), self.data(plan.recipe)
        numbers = {label: number for number, label in enumerate(learner.classes)}
        known = [numbers.get(label, UNLABELLED) for label in own.classes]
        if max(known) == UNLABELLED:
            raise TrainingError(
                f'the source {source_plan.plan.recipe} knows {", ".join(own.classes)} and the '
                f'target {plan.recipe} {", ".join(learner.classes)}: they share no label'
            )
        source = self.fit(source_plan.plan, f'source {source_plan.plan.recipe}')
        pairing = self.pairing_of(plan, source_plan)
        rows = pairing.used(self._units(plan).all_rows)
        named = hashlib.sha256(json.dumps([known, rows.tolist()]).encode()).hexdigest()[:16]
        folder = self._place(source_plan.plan) / f'lessons.{named}'
        with _locked(folder.parent):
            write_source_outputs(
                source.network, own.dense, rows, known, len(learner.classes), folder,
                self._reporter, f'outputs of {source_plan.plan.recipe}',
            )
        pairing = pairing.renumbered(rows)
        if plan.shuffled:
            pairing = pairing.shuffled(np.random.default_rng(plan.seed))
        return PairedSource(SourceOutputs(folder), pairing, source_plan.weight)

    def pairing_of(self, plan: Plan, source_plan: SourcePlan) -> Pairing:
        """Return which windows of a source stand beside which of its learner."""
        own, learner = self.data(source_plan.plan.recipe), self.data(plan.recipe)
        if self._pairing == 'time':
            strides = [
                self._recipe_data[name].recipe.sampling.dense_stride
                for name in (plan.recipe, source_plan.plan.recipe)
            ]
            return same_time(
                learner.dense.bags, learner.dense.centres, own.dense.bags, own.dense.centres,
                round(max(strides) * NANOSECONDS),
            )
        numbers = {label: number for number, label in enumerate(learner.classes)}
        classes = np.full(len(own.dense), UNLABELLED)
        clips = source_plan.plan.clips
        for clip, rows in zip(clips, own.dense.of_each(clips), strict=True):
            classes[rows] = numbers.get(own.clips[clip].label, UNLABELLED)
        return SameLabel(classes)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Keep other programs from the same fit: they wait, and find it finished."""
    place.mkdir(parents=True, exist_ok=True)
    if not is_first():
        yield
        return
    with (place / '.lock').open('a') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
