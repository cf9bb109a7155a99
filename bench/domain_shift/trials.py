# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Fits the network of each row, and scores it on people whom no training has seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.domain_shift import adaptation
from bench.domain_shift.recordings import Recordings
from bench.domain_shift.rows import (
    NEW_PEOPLE,
    PHONE,
    PSEUDO,
    Row,
    STATISTICS,
    STATISTICS_BY_PERSON,
    TEST,
    TRAIN,
    UTD,
    WATCH,
)
from dcat_ros.evaluation.plan import method_of
from dcat_ros.method import Classifier, METHODS, Pairing, SameTime
from dcat_ros.method.pairing import UNPAIRED
from dcat_ros.training import provenance
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.fit import fit, FitSpec
from dcat_ros.training.fit_runner import FitRunner, RecipeData
from dcat_ros.training.hardware import Hardware
from dcat_ros.training.plan import Plan, SourcePlan
from dcat_ros.training.progress import SilentReporter
from dcat_ros.training.sampling import sampling_units, SamplingUnits
from dcat_ros.training.score import Scores, scores_of
import numpy as np
from numpy.typing import NDArray

STEPS = 120
"""Of each fit: 27 passes over the clips of the new people, 213 over those of UTD-MHAD."""
UTD_PHONE, UTD_WATCH = 'utd_phone', 'utd_watch'
"""Labelled clips of UTD-MHAD and, without labels, a sensor's recordings of the new people."""


class NewPlaceRunner(FitRunner):
    """Fits networks by plan; only the windows of unlabelled subjects are paired."""

    def pairing_of(self, plan: Plan, source: SourcePlan) -> Pairing:
        """Return which windows of a source are paired with which windows of the target."""
        pairing = super().pairing_of(plan, source)
        assert isinstance(pairing, SameTime)
        is_new = np.isin(self.data(plan.recipe).dense.subjects, plan.subjects)
        return SameTime(np.where(is_new, pairing.partner, UNPAIRED))


class Trials:
    """Fits and scores the networks of all rows.

    :param utd: recordings of UTD-MHAD; `watch` and `phone` are those of SP/SW-HAR.
    :param work: directory of fits; finished ones are reused.
    """

    def __init__(
        self, utd: Recordings, watch: Recordings, phone: Recordings, recipe: Config, work: Path
    ) -> None:
        self._recipe = recipe
        self._work = work
        recordings = {
            WATCH: watch,
            PHONE: phone,
            UTD_WATCH: watch.of(NEW_PEOPLE).unlabelled() + utd,
            UTD_PHONE: phone.of(NEW_PEOPLE).unlabelled() + utd,
        }
        self.sums = {
            f'{place}/{entry.bag.name}': entry.key
            for place, each in ((UTD, utd), (WATCH, watch), (PHONE, phone))
            for entry in each.entries
        }
        self.runner = NewPlaceRunner(
            {
                name: RecipeData(recipe, each.dataset(recipe), self.sums)
                for name, each in recordings.items()
            },
            'time', work, Hardware('cpu'), SilentReporter(),
        )

    def data(self, place: str) -> Dataset:
        """Return the labelled data set of a place."""
        return self.runner.data(UTD_PHONE if place == UTD else place)

    def plan(self, row: Row, seed: int) -> Plan:
        """Return the plan of a row's network before any adaptation that is not a source's."""
        if not row.has_source:
            name = UTD_PHONE if row.trained == UTD else row.trained
            return self._as_long(Plan(name, self._train(row.trained), seed=seed))
        return self._as_long(Plan(
            UTD_WATCH, self._train(UTD), subjects=NEW_PEOPLE, seed=seed,
            method=method_of(row.method),
            sources=(SourcePlan(self.plan(Row(row.source, PHONE), seed)),),
            weight=METHODS[method_of(row.method)].weights[0],
            shuffled=row.is_control,
        ))

    def units(self, plan: Plan) -> SamplingUnits:
        """Return what a plan trains on."""
        data = self.runner.data(plan.recipe)
        return sampling_units(data, plan.clips, plan.hidden, plan.subjects)

    def scores(self, row: Row, seed: int) -> tuple[Scores, dict[str, float]]:
        """Return the scores of a row on its test people, and facts about its adaptation."""
        data, people = self.data(row.tested), TEST[row.tested]
        if method_of(row.method) == PSEUDO:
            network, facts = self._self_trained(row, seed)
            return scores_of(network, data, data.clips_of(people)), facts
        network = self.runner.fit(self.plan(row, seed), f'{row}').network
        if row.method == STATISTICS_BY_PERSON:
            return _joined([
                scores_of(
                    self._with_statistics_of(network, row, [person], seed), data,
                    data.clips_of([person]),
                )
                for person in people
            ]), {}
        if row.method == STATISTICS:
            network = self._with_statistics_of(network, row, NEW_PEOPLE, seed)
        return scores_of(network, data, data.clips_of(people)), {}

    def counts(self, place: str) -> dict[str, int]:
        """Return how many clips and windows a place has, by use."""
        data = self.data(place)
        train, test = data.clips_of(TRAIN[place]), data.clips_of(TEST[place])
        return {
            'train_clips': len(train), 'train_windows': len(data.dense.of(train)),
            'test_clips': len(test), 'test_windows': len(data.live.of(test)),
            'too_short': data.without_window(test),
        }

    def truth(self, place: str) -> NDArray[np.int64]:
        """Return the class of each test clip of a place."""
        data = self.data(place)
        return data.targets[data.clips_of(TEST[place])]

    def pseudo_units(self, seed: int) -> tuple[SamplingUnits, SamplingUnits]:
        """Return the labelled units, and those with pseudo-labels of the network not adapted."""
        network = self.runner.fit(self.plan(Row(UTD, WATCH), seed), 'not adapted').network
        units = self.units(self._self_training(seed))
        windows = self.runner.data(UTD_WATCH).dense
        return units.labelled, adaptation.pseudo_labelled(network, windows, units.unlabelled)

    def _self_trained(self, row: Row, seed: int) -> tuple[Classifier, dict[str, float]]:
        """Return a network trained with pseudo-labels beside labels, and how good those are."""
        labelled, pseudo = self.pseudo_units(seed)
        facts = self._quality(pseudo)
        if row.is_control:
            pseudo = adaptation.shuffled(pseudo, seed)
        plan = self._self_training(seed)
        key = plan.key([
            adaptation.CONFIDENCE, self.sums, provenance.settings(self._recipe),
            provenance.versions(),
        ])
        spec = FitSpec(adaptation.beside(labelled, pseudo), STEPS, seed)
        network = fit(
            self.runner.data(UTD_WATCH), self._recipe, spec,
            self._work / f'{row.method}.{key[:20]}', Hardware('cpu'), SilentReporter(), row.method,
        ).network
        return network, facts

    def _self_training(self, seed: int) -> Plan:
        return self._as_long(Plan(UTD_WATCH, self._train(UTD), subjects=NEW_PEOPLE, seed=seed))

    def _quality(self, pseudo: SamplingUnits) -> dict[str, float]:
        """Return how many windows have pseudo-labels, and the share that is right: a report only.

        The first windows of the joined data set are those of the new people, as in the watch's.
        """
        data, rows = self.runner.data(WATCH), pseudo.all_rows
        every = np.flatnonzero(np.isin(data.dense.subjects, NEW_PEOPLE))
        given = np.repeat(pseudo.targets, [len(of_unit) for of_unit in pseudo.rows])
        truth = np.append(data.targets, -1)[data.dense.centre_clips[rows]]
        return {
            'given': len(rows) / len(every),
            'right': float((truth == given).mean()) if len(rows) else float('nan'),
            'of_no_class': float((truth == -1).mean()) if len(rows) else float('nan'),
        }

    def _with_statistics_of(
        self, network: Classifier, row: Row, people: tuple[str, ...] | list[str], seed: int
    ) -> Classifier:
        windows = self.data(row.tested).dense
        rows = np.flatnonzero(np.isin(windows.subjects, list(people)))
        return adaptation.with_statistics_of(network, windows, rows, seed)

    def _train(self, place: str) -> tuple[int, ...]:
        return tuple(self.data(place).clips_of(TRAIN[place]))

    def _as_long(self, plan: Plan) -> Plan:
        """Return a plan of `STEPS` steps, whatever it trains on."""
        settings = self._recipe.fit
        passes = (STEPS - 0.5) * settings.batch / len(self.units(plan))
        return replace(plan, budget=passes / settings.epochs)


def _joined(parts: list[Scores]) -> Scores:
    """Return the scores of several people together."""
    return Scores(*(np.concatenate(fields) for fields in zip(*parts, strict=True)))
