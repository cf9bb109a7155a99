# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Every model that a study fits, each once, in the order of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dcat_ros.evaluation.protocol import Direction, Study
from dcat_ros.evaluation.rows import SOURCE, UNIMODAL
from dcat_ros.evaluation.trial import source_weights, Trial


def trial_of(direction: Direction, row: str, split: str, labelled: float, seed: int) -> Trial:
    """Return what stands behind a row.

    The source is a unimodal model of its own recipe with all labels, so that one trial serves it
    as a row, as a teacher, and as the unimodal row of the opposite direction.
    """
    if row == SOURCE:
        first = next(iter(source_weights(direction.source)))
        return Trial(first, '', UNIMODAL, split, 1.0, seed)
    source = '' if row == UNIMODAL else direction.source
    return Trial(direction.target, source, row, split, labelled, seed)


def sources_of(trial: Trial) -> list[Trial]:
    """Return the trials of a trial's sources, none for a unimodal one."""
    return [
        replace(trial, target=name, source='', row=UNIMODAL, labelled=1.0)
        for name in source_weights(trial.source)
    ]


def planned(study: Study, rows: Sequence[str]) -> list[Trial]:
    """Return all trials, each once: split by split, seed by seed, sources before what they teach.

    A study that is stopped so leaves whole seeds of its first split.
    """
    trials: dict[Trial, None] = {}
    for split in study.splits.used:
        for seed in range(study.seeds):
            of_seed = [
                trial_of(direction, row, split, labelled, seed)
                for labelled in study.labelled for direction in study.directions for row in rows
            ]
            trials |= dict.fromkeys(source for trial in of_seed for source in sources_of(trial))
            trials |= dict.fromkeys(of_seed)
    return list(trials)
