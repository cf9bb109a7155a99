# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The rows of a study's tables, and every model that a study fits, in the order of work.

`unimodal` is the target alone, `source` the source's own score. Every method of the registry is a
row, and with `_shuffled` behind its name its control: the same method with each source window
replaced by a wrong one. What a method gains over its control is knowledge, what the control gains
is regularisation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from dcat_ros.evaluation.protocol import Direction, Study
from dcat_ros.evaluation.trial import source_weights, Trial
from dcat_ros.training.errors import TrainingError

UNIMODAL, SOURCE = 'unimodal', 'source'
SHUFFLED = '_shuffled'


def checked(rows: Sequence[str], methods: Collection[str]) -> list[str]:
    """Return the rows to run; for none, those of all methods and their controls.

    :param methods: names in the registry.
    :raises TrainingError: if a row is unknown, or one is missing that others are compared with.
    """
    pairs = [row for method in methods for row in (method, f'{method}{SHUFFLED}')]
    known = [UNIMODAL, SOURCE, *pairs]
    for row in rows:
        if row not in known:
            raise TrainingError(f'row "{row}" is unknown, expected some of {", ".join(known)}')
    for row in (UNIMODAL, SOURCE):
        if rows and row not in rows:
            raise TrainingError(f'rows lacks "{row}", which others are compared with: add it')
    for row in rows:
        if is_control(row) and method_of(row) not in rows:
            raise TrainingError(f'rows has "{row}" but not "{method_of(row)}": add it')
    return list(rows) or known


def is_control(row: str) -> bool:
    """Tell whether a row is a method with its source shuffled."""
    return row.endswith(SHUFFLED)


def is_method(row: str) -> bool:
    """Tell whether a row is a method, and no control."""
    return row not in (UNIMODAL, SOURCE) and not is_control(row)


def method_of(row: str) -> str:
    """Return the method of a row or of its control."""
    return row.removesuffix(SHUFFLED)


def control_of(row: str) -> str:
    """Return the row that shows what a method gains without knowledge."""
    return f'{row}{SHUFFLED}'


def trial_of(direction: Direction, row: str, split: str, labelled: float, seed: int) -> Trial:
    """Return the trial of a row.

    The source is a unimodal model of its own recipe with all labels. One trial serves as its row,
    as the source of other trials, and as the unimodal row of the opposite direction.
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
    """Return all trials, each once: split by split, seed by seed, sources before their targets.

    So a study that was stopped has complete seeds of its first split.
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
