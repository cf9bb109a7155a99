# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Finished trials, each a file that appears when whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
import json
from pathlib import Path

from dcat_ros.evaluation.trial import Outcome, Trial
from dcat_ros.training.errors import TrainingError

FOLDER = 'trials'
SHOWN = 16  # characters of a key that name a file


class TrialStore:
    """The trials in a folder.

    :param out: the study's folder; the trials are in `trials` below it.
    :param key: returns what a trial's outcome depends on; an outcome of another key is not used.
    """

    def __init__(self, out: Path, key: Callable[[Trial], str]) -> None:
        self._folder = out / FOLDER
        self._key = key

    def path_of(self, trial: Trial) -> Path:
        """Return a trial's file."""
        return self._folder / f'{self._key(trial)[:SHOWN]}.json'

    def load(self, trial: Trial) -> Outcome | None:
        """Return a trial's outcome, None where there is none of its key.

        :raises TrainingError: if the file is damaged.
        """
        path = self.path_of(trial)
        if not path.exists():
            return None
        try:
            record = json.loads(path.read_text(encoding='utf-8'))
            outcome = Outcome(**record['outcome'])
            return outcome if record['key'] == self._key(trial) else None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TrainingError(
                f'{path} is damaged ({error}): delete it, and it is run again'
            ) from error

    def save(self, trial: Trial, outcome: Outcome) -> None:
        """Keep an outcome."""
        path = self.path_of(trial)
        path.parent.mkdir(parents=True, exist_ok=True)
        record = {'key': self._key(trial), 'trial': asdict(trial), 'outcome': asdict(outcome)}
        part = path.with_suffix('.part')
        part.write_text(json.dumps(record), encoding='utf-8')
        part.replace(path)

    def finished(self, trials: Sequence[Trial]) -> dict[Trial, Outcome]:
        """Return the outcomes that are there."""
        loaded = ((trial, self.load(trial)) for trial in trials)
        return {trial: outcome for trial, outcome in loaded if outcome is not None}
