# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the numbers say, in a sentence for each table, by rules that know no wishes.

A difference counts as shown when both hold: the paired t-test over seeds has a Holm-corrected p
below 0.05, and the 95 % interval of the bootstrap over test clips excludes zero. Then, of a method
at one share of labels:

- better than unimodal and than its control: knowledge was transferred;
- better than unimodal only: a gain that may be regularisation;
- worse than unimodal: it harms;
- else: no gain was shown, which is no proof that there is none.
"""

from __future__ import annotations

from enum import Enum

from dcat_ros.evaluation.report.wording import direction_text, p_text, points, share_text, SPLITS
from dcat_ros.evaluation.rows import is_method, UNIMODAL
from dcat_ros.evaluation.tables import Cell, Table
from dcat_ros.reports.wording import counted, listed


class Verdict(Enum):
    """What is said of a method at one share of labels."""

    TRANSFER = 'transferred knowledge'
    UNEXPLAINED = 'gained, but not shown to gain over its control,'
    HARM = 'did harm'
    NOTHING = 'showed no gain over unimodal'
    UNTESTED = 'was run with a single seed, too few for a test,'


def verdict(cell: Cell) -> Verdict:
    """Judge a method."""
    alone, control = cell.unimodal, cell.control
    if alone is None or alone.p is None:
        return Verdict.UNTESTED
    if alone.sign < 0:
        return Verdict.HARM
    if alone.sign == 0:
        return Verdict.NOTHING
    return Verdict.TRANSFER if control and control.sign > 0 else Verdict.UNEXPLAINED


def finding(table: Table) -> str:
    """Return what was found, or not, in one direction and split."""
    methods = list(dict.fromkeys(cell.row for cell in table.cells if is_method(cell.row)))
    where = f'{direction_text(table.direction)}, {SPLITS[table.split]}'
    if not methods:
        return f'{where}: no method was run beside the unimodal model.'
    return f'{where}: {"; ".join(_of_method(table, method) for method in methods)}.'


def _of_method(table: Table, method: str) -> str:
    cells = [cell for share in table.shares if (cell := table.cell(method, share))]
    clauses: dict[Verdict, list[str]] = {}
    for cell in cells:
        clauses.setdefault(verdict(cell), []).append(_clause(cell, table))
    parts = [f'{found.value} with {listed(said)}' for found, said in clauses.items()]
    return f'{method} {", and ".join(parts)}'


def _clause(cell: Cell, table: Table) -> str:
    """Return the share of labels with the numbers that the verdict rests on."""
    if cell.unimodal is None:
        return share_text(cell.labelled)
    said = [points(cell.unimodal.difference.mean)]
    if cell.unimodal.p is not None:
        said.append(p_text(cell.unimodal.p))
    if cell.control:
        said.append(f'{points(cell.control.difference.mean)} over control')
    full = table.cell(UNIMODAL, 1.0)
    if full and cell.labelled < 1 and verdict(cell) is Verdict.TRANSFER:
        above = cell.macro_f1.mean > full.macro_f1.mean
        said.append(f'{"above" if above else "below"} unimodal with all labels')
    return f'{share_text(cell.labelled)} ({", ".join(said)})'


def state(done: int, planned: int, failed: int) -> str:
    """Return how much of the study there is, empty when all."""
    if done == planned:
        return ''
    said = f'{done} of {planned} trials are finished'
    if failed:
        said += f', {counted(failed, "trial")} failed'
    return f'{said}: what follows is of those.'
