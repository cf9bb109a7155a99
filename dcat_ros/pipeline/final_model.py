# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The model of a job that is fitted to all subjects, with its manifest and card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from dcat_ros.bundles import Manifest
from dcat_ros.evaluation.open_set import can_leave_out, classes_left_out, open_set_windows
from dcat_ros.evaluation.plan import UNIMODAL
from dcat_ros.evaluation.results import Results
from dcat_ros.evaluation.statistics import score_estimate
from dcat_ros.evaluation.trial import Trial
from dcat_ros.evaluation.trials import TrialRunner
from dcat_ros.method import Classifier
from dcat_ros.pipeline.card import accuracy, card, protocol_text
from dcat_ros.pipeline.job import Job
from dcat_ros.pipeline.open_set import OpenSet
from dcat_ros.pipeline.transfer import transfer_of
from dcat_ros.training import provenance
from dcat_ros.training.calibrate import Calibration
from dcat_ros.training.config import Protocol
from dcat_ros.training.plan import Plan
import numpy as np


class FinalModel:
    """Fits the network of a job to any of its subjects, and describes it.

    :param protocol: the job's, with its subjects named.
    """

    def __init__(self, job: Job, trial_runner: TrialRunner, protocol: Protocol) -> None:
        self._job = job
        self._trial_runner = trial_runner
        self._protocol = protocol
        self._row = job.method if job.sources else UNIMODAL
        self._trial = Trial(
            job.recipe.name, job.source_text, self._row, 'out_of_distribution', 1.0, 0
        )

    def plan(self, subjects: Sequence[str], hold_back: bool = False) -> Plan:
        """Return the plan of a fit to some subjects, with the λ and length chosen for scores.

        :param hold_back: whether the test subjects of the negatives are held back.
        """
        return self._trial_runner.plan_for(self._trial, subjects, hold_back)

    def fit(self, subjects: Sequence[str], title: str) -> Classifier:
        """Return the network fitted to some subjects."""
        return self._trial_runner.fit_runner.fit(self.plan(subjects), title).network

    def fit_held_back(self, subjects: Sequence[str], title: str) -> Classifier:
        """Return the network fitted to some subjects, without test subjects of the negatives."""
        plan = self.plan(subjects, hold_back=True)
        return self._trial_runner.fit_runner.fit(plan, title).network

    def open_set(self, calibration: Calibration) -> OpenSet:
        """Return what the networks of all seeds say of movement that they do not know.

        :param calibration: on the protocol's training subjects alone.
        """
        runner = self._trial_runner.fit_runner
        name = self._job.recipe.name
        data = runner.data(name)
        test = data.clips_of(self._protocol.test)
        measures, people = [], []
        for seed in range(self._protocol.seeds):
            plan, _ = self._trial_runner.plan_of(replace(self._trial, seed=seed))
            windows = open_set_windows(
                runner.fit(plan, f'seed {seed}').network, self._job.recipe, data, test,
                runner.negatives(name), calibration.temperature,
            )
            measures.append(windows.measures(calibration.threshold))
            people.append(windows.right_by_person(calibration.threshold))
        first, _ = self._trial_runner.plan_of(self._trial)
        left_out = classes_left_out(runner, first, test) if can_leave_out(data) else {}
        right = [float(np.mean([seed[person] for seed in people])) for person in people[0]]
        return OpenSet(calibration.promise, measures, score_estimate(right), left_out)

    def describe(
        self,
        network: Classifier,
        calibration: Calibration,
        results: Results,
        open_set: OpenSet | None,
    ) -> tuple[Manifest, str]:
        """Return manifest and model card.

        :param results: the scores of the job's rows.
        """
        job, trial_runner = self._job, self._trial_runner
        data = trial_runner.fit_runner.data(job.recipe.name)
        (table,) = results.tables
        cell = table.cell(self._row, 1.0)
        assert cell is not None
        series = cell.series
        parameters = sum(parameter.numel() for parameter in network.parameters())
        training: dict[str, Any] = {
            'subjects': data.subjects,
            'clips': len(data.clips_of(data.subjects)),
            'seed': 0,
            'parameters': parameters,
            'budget': job.budget,
            'settings': provenance.settings(job.recipe),
            'bags': trial_runner.sums(job.recipe.name),
            'negative_bags': trial_runner.negative_sums(job.recipe.name),
            'versions': provenance.versions(),
        }
        transfer = None
        if job.sources:
            plan = self.plan(data.subjects)
            windows = trial_runner.fit_runner.windows(plan)
            transfer = transfer_of(job, table, plan.weight, windows)
            source_bags = {
                source.recipe.name: trial_runner.sums(source.recipe.name)
                for source in job.sources
            }
            training['transfer'] = transfer.record | {'source_bags': source_bags}
        macro_f1 = series.macro_f1
        manifest = Manifest(
            name=job.recipe.name,
            modality=job.recipe.modality,
            features=dict(job.recipe.features),
            window=job.recipe.window,
            classes=list(data.classes),
            temperature=calibration.temperature,
            threshold=calibration.threshold,
            scores={
                'protocol': protocol_text(self._protocol),
                'simulated': self._protocol.simulated,
                'macro_f1': float(macro_f1.mean()),
                'macro_f1_sd': float(np.std(macro_f1, ddof=1)) if len(macro_f1) > 1 else 0.0,
                'macro_f1_by_seed': macro_f1.tolist(),
                'accuracy': float(np.mean(accuracy(series))),
                'window_macro_f1': float(np.mean(
                    [outcome.window_macro_f1 for outcome in series.outcomes]
                )),
                'open_set': open_set.record if open_set else {},
                'calibration': asdict(calibration),
            },
            training=training,
            promise=asdict(calibration.promise),
            sensor=job.recipe.recorded.name,
        )
        text = card(
            job, self._protocol, data.classes, data.subjects, parameters, series, calibration,
            open_set, transfer,
        )
        return manifest, text
