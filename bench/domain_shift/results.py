# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Scores of the trials as JSON, and the numbers of the page."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
import json
from pathlib import Path
from typing import Any

from bench.domain_shift.rows import ADAPTED, CONTROLLED, NOT_ADAPTED, Row, ROWS
from dcat_ros.evaluation.statistics import Estimate, holm, paired, PairedDifference, score_estimate
from dcat_ros.training.score import macro_f1_of, predicted_classes, Scores
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score


@dataclass(frozen=True)
class Trial:
    """The scores of one network, 0 to 1.

    :param clips: macro-F1 by clip; `windows` is that by window.
    :param by_class: F1 of each class, by clip.
    :param facts: about the adaptation.
    """

    row: Row
    seed: int
    clips: float
    windows: float
    by_class: list[float]
    facts: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls, row: Row, seed: int, truth: NDArray[np.int64], scores: Scores, facts: dict[str, float]
    ) -> Trial:
        """Return the trial of some scores.

        :param truth: of each clip.
        """
        count = scores.clips.shape[1]
        found = predicted_classes(scores.clips)
        by_class = f1_score(truth, found, labels=range(count), average=None, zero_division=0)
        return cls(
            row, seed, macro_f1_of(truth, found, count),
            macro_f1_of(scores.truth, scores.windows.argmax(axis=1), count),
            by_class.tolist(), facts,
        )


@dataclass(frozen=True)
class Comparison:
    """A row against another, by clip, over seeds.

    :param p: corrected for the number of comparisons by Holm.
    """

    row: Row
    other: Row
    difference: PairedDifference
    p: float


class Results:
    """Trials with what they depend on, in a JSON file.

    :param path: written after each trial; trials in it are kept if `settings` are the same.
    :param settings: everything that trials depend on, fit for JSON.
    :param about: of this run, for the page.
    """

    def __init__(self, path: Path, settings: dict[str, Any], about: dict[str, Any]) -> None:
        self._path = path
        self.settings = json.loads(json.dumps(settings))
        self.about = json.loads(json.dumps(about))
        self.trials: list[Trial] = []
        if path.exists():
            record = json.loads(path.read_text(encoding='utf-8'))
            if record['settings'] == self.settings:
                self.trials = _trials(record)

    @classmethod
    def read(cls, path: Path) -> Results:
        """Return the results in a file."""
        record = json.loads(path.read_text(encoding='utf-8'))
        return cls(path, record['settings'], record['about'])

    def has(self, row: Row, seed: int) -> bool:
        """Tell whether a trial is there."""
        return any((trial.row, trial.seed) == (row, seed) for trial in self.trials)

    def add(self, trial: Trial) -> None:
        """Add a trial, and write the file."""
        self.trials.append(trial)
        record = {
            'about': self.about, 'settings': self.settings,
            'trials': [asdict(trial) for trial in self.trials],
        }
        part = self._path.with_name(f'.{self._path.name}.part')
        part.write_text(json.dumps(record, indent=1) + '\n', encoding='utf-8')
        part.replace(self._path)

    @property
    def seeds(self) -> list[int]:
        """Return the seeds that have all rows; the page has those only."""
        return [
            seed for seed in sorted({trial.seed for trial in self.trials})
            if all(self.has(row, seed) for row in ROWS)
        ]

    def of(self, row: Row) -> list[Trial]:
        """Return the trials of a row by seed, of seeds that have all rows."""
        seeds = self.seeds
        found = {trial.seed: trial for trial in self.trials if trial.row == row}
        return [found[seed] for seed in seeds]

    def values(self, row: Row, measure: str) -> list[float]:
        """Return the values of a row's measure, one per seed.

        :param measure: `clips`, `windows`, or the name of a fact.
        """
        return [
            trial.facts[measure] if measure in trial.facts else getattr(trial, measure)
            for trial in self.of(row)
        ]

    def estimate(self, row: Row, measure: str) -> Estimate:
        """Return the mean of a measure and its interval over seeds."""
        return score_estimate(self.values(row, measure))

    def by_class(self, row: Row) -> list[float]:
        """Return the mean F1 of each class, by clip."""
        return np.mean([trial.by_class for trial in self.of(row)], axis=0).tolist()

    def comparisons(self, measure: str = 'clips') -> dict[tuple[Row, Row], Comparison]:
        """Return all adapted rows against no adaptation, and against their controls."""
        pairs = [(row, NOT_ADAPTED) for row in ADAPTED]
        pairs += [(row, row.control) for row in CONTROLLED]
        found = [
            paired(self.values(row, measure), self.values(other, measure)) for row, other in pairs
        ]
        corrected = holm([1.0 if each.p is None else each.p for each in found])
        return {
            pair: Comparison(*pair, difference, p)
            for pair, difference, p in zip(pairs, found, corrected, strict=True)
        }


def chance(truth: NDArray[np.int64], classes: int) -> tuple[float, float]:
    """Return the macro-F1 of always the most frequent class, and of uniform guesses (expected).

    :param truth: class of each clip.
    """
    shares = np.bincount(truth, minlength=classes) / len(truth)
    majority = 2 * shares.max() / (1 + shares.max()) / classes
    uniform = (2 * shares / classes / (shares + 1 / classes)).mean()
    return float(majority), float(uniform)


def _trials(record: dict[str, Any]) -> list[Trial]:
    return [Trial(**{**each, 'row': Row(**each['row'])}) for each in record['trials']]
