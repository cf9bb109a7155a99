# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The rows of a study's tables, by name.

`unimodal` is the target alone, `source` the source's own score. Every method of the registry is a
row, and with `_shuffled` behind its name its control: the same, but the source's windows stand
beside the wrong ones. What a method gains over its control is knowledge, what the control gains is
regularisation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

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
    """Tell whether a row is a method as it is meant."""
    return row not in (UNIMODAL, SOURCE) and not is_control(row)


def method_of(row: str) -> str:
    """Return the method of a row or of its control."""
    return row.removesuffix(SHUFFLED)


def control_of(row: str) -> str:
    """Return the row that shows what a method gains without knowledge."""
    return f'{row}{SHUFFLED}'
