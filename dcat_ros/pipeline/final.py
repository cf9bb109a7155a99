# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The model that is deployed: fitted to all subjects, and described."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TYPE_CHECKING

from dcat_ros.bundles import Manifest
from dcat_ros.evaluation.results import Results, Table
from dcat_ros.evaluation.rows import control_of, UNIMODAL
from dcat_ros.evaluation.trial import Trial
from dcat_ros.evaluation.trials import TrialRunner
from dcat_ros.method import Network
from dcat_ros.pipeline.assessment import source_text, SPLIT
from dcat_ros.pipeline.card import card, protocol_text
from dcat_ros.pipeline.transfer import Against, Transfer
from dcat_ros.training import provenance
from dcat_ros.training.calibrate import Calibration
from dcat_ros.training.config import Protocol
from dcat_ros.training.plan import Plan
from dcat_ros.training.score import Score
import numpy as np

if TYPE_CHECKING:
    from dcat_ros.pipeline.job import Job


class Final:
    """Fits the network of a job to any of its subjects, and describes it.

    :param protocol: the job's, with its subjects named.
    """

    def __init__(self, job: Job, trial_runner: TrialRunner, protocol: Protocol) -> None:
        self._job = job
        self._trial_runner = trial_runner
        self._protocol = protocol
        self._row = job.method if job.sources else UNIMODAL

    @property
    def trial(self) -> Trial:
        """Whose choices hold for the final model too."""
        return Trial(self._job.recipe.name, source_text(self._job), self._row, SPLIT, 1.0, 0)

    def plan(self, subjects: Sequence[str]) -> Plan:
        """Return the plan that learns from some subjects, and is taught by their sources."""
        return self._trial_runner.plan_for(self.trial, subjects)

    def learn(self, subjects: Sequence[str], title: str) -> Network:
        """Return the network of some subjects."""
        return self._trial_runner.fit_runner.fit(self.plan(subjects), title).network

    def described(
        self, network: Network, calibration: Calibration, results: Results
    ) -> tuple[Manifest, str]:
        """Return manifest and model card.

        :param results: what the job's rows scored.
        """
        job, data = self._job, self._trial_runner.fit_runner.data(self._job.recipe.name)
        (table,) = results.tables
        cell = table.cell(self._row, 1.0)
        assert cell is not None
        scores = [Score.of(outcome) for outcome in cell.series.outcomes]
        parameters = sum(parameter.numel() for parameter in network.parameters())
        transfer = self._transfer(table) if job.sources else None
        text = card(
            job.recipe, self._protocol, data.classes, data.subjects, parameters, scores,
            calibration, transfer, job.budget,
        )
        macro_f1 = cell.series.macro_f1
        training: dict[str, Any] = {
            'subjects': data.subjects,
            'clips': len(data.clips_of(data.subjects)),
            'seed': 0,
            'parameters': parameters,
            'budget': job.budget,
            'settings': provenance.settings(job.recipe),
            'bags': self._trial_runner.sums(job.recipe.name),
            'versions': provenance.versions(),
        }
        if transfer is not None:
            training['transfer'] = transfer.record | {'source_bags': {
                teacher.recipe.name: self._trial_runner.sums(teacher.recipe.name)
                for teacher in job.sources
            }}
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
                'accuracy': float(np.mean([score.accuracy for score in scores])),
                'window_macro_f1': float(np.mean([score.window_macro_f1 for score in scores])),
                'calibration': asdict(calibration),
            },
            training=training,
        )
        return manifest, text

    def _transfer(self, table: Table) -> Transfer:
        """Return what the transfer did."""
        cell = table.cell(self._row, 1.0)
        assert cell is not None
        plan, choice = self._trial_runner.plan_of(self.trial)
        found = ((UNIMODAL, cell.unimodal), (control_of(self._row), cell.control))
        comparisons = []
        for name, comparison in found:
            other = table.cell(name, 1.0)
            if comparison is not None and other is not None:
                comparisons.append(Against(
                    name, other.series.macro_f1.tolist(), *asdict(comparison.difference).values()
                ))
        return Transfer(
            self._row,
            {teacher.recipe.name: teacher.weight for teacher in self._job.sources},
            self._job.pairing,
            choice.weight,
            self._trial_runner.fit_runner.windows(self.plan(self._trial_runner.fit_runner.data(plan.recipe).subjects)),
            comparisons,
        )
