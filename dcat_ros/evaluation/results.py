# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a study found, drawn up from its outcomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dcat_ros.evaluation import bootstrap
from dcat_ros.evaluation.inputs import StudyInputs
from dcat_ros.evaluation.plan import planned, trial_of
from dcat_ros.evaluation.protocol import Direction, Study
from dcat_ros.evaluation.rows import control_of, is_control, is_method, SOURCE, UNIMODAL
from dcat_ros.evaluation.scores_by_seed import Series
from dcat_ros.evaluation.statistics import holm, paired, score_estimate
from dcat_ros.evaluation.tables import Cell, Comparison, Point, Table
from dcat_ros.evaluation.trial import Outcome, Trial
from dcat_ros.training.errors import TrainingError


@dataclass(frozen=True)
class Results:
    """A study and all that it found.

    :param rows: those of the tables.
    :param planned: number of trials in the study.
    :param finished: number of those that have an outcome.
    :param failures: why trials failed.
    """

    study: Study
    inputs: StudyInputs
    rows: list[str]
    tables: list[Table]
    planned: int
    finished: int
    failures: dict[Trial, str]


def results_of(
    inputs: StudyInputs,
    rows: Sequence[str],
    outcomes: Mapping[Trial, Outcome],
    failures: Mapping[Trial, str],
) -> Results:
    """Draw up what the outcomes say.

    :raises TrainingError: if there is no outcome, or one is not of the clips of its split.
    """
    study = inputs.study
    tables = [
        table for split in study.splits.used for direction in study.directions
        if (table := _table(inputs, rows, outcomes, direction, split)).cells
    ]
    if not tables:
        raise TrainingError(
            'no trial of these bags and this protocol is finished: there is nothing to report on'
        )
    trials = planned(study, rows)
    finished = sum(trial in outcomes for trial in trials)
    return Results(study, inputs, list(rows), tables, len(trials), finished, dict(failures))


def _table(
    inputs: StudyInputs, rows: Sequence[str], outcomes: Mapping[Trial, Outcome],
    direction: Direction, split: str,
) -> Table:
    shares = sorted(inputs.study.labelled, reverse=True)
    wanted = [
        (row, share) for share in shares for row in rows if row != SOURCE or share == shares[0]
    ]
    cells = []
    for row, share in wanted:
        series = _series(inputs, outcomes, direction, row, split, share)
        if series.seeds:
            held = 1.0 if row == SOURCE else share
            cells.append(Cell(row, held, series, score_estimate(series.macro_f1)))
    table = Table(direction, split, inputs.classes(direction.target), cells, [])
    table = replace(table, cells=[_compared(cell, table) for cell in cells])
    return replace(table, cells=_corrected(table.cells), points=_points(table))


def _series(
    inputs: StudyInputs, outcomes: Mapping[Trial, Outcome], direction: Direction, row: str,
    split: str, share: float,
) -> Series:
    trials = [trial_of(direction, row, split, share, s) for s in range(inputs.study.seeds)]
    found = [trial for trial in trials if trial in outcomes]
    recipe = trial_of(direction, row, split, share, 0).target
    clips = [inputs.sides(recipe, split, trial.seed).test for trial in found]
    classes = inputs.classes(recipe)
    numbers = {label: number for number, label in enumerate(classes)}
    for trial, tested in zip(found, clips, strict=True):
        if outcomes[trial].truth != [numbers[inputs.clips[recipe][i].label] for i in tested]:
            raise TrainingError(
                f'the outcome of {trial} is not of the test clips of its split: delete its file '
                'among the trials'
            )
    return Series(
        len(classes), [trial.seed for trial in found], [outcomes[trial] for trial in found], clips
    )


def _compared(cell: Cell, table: Table) -> Cell:
    """Return the cell with its comparisons, whose p is not corrected yet."""
    if not (is_method(cell.row) or is_control(cell.row)):
        return cell
    unimodal, control = (
        comparison(cell.series, other.series) if other else None
        for other in (table.cell(row, cell.labelled) for row in (UNIMODAL, control_of(cell.row)))
    )
    return replace(cell, unimodal=unimodal, control=control)


def comparison(series: Series, other: Series) -> Comparison | None:
    """Compare two rows; None where they have no seed in common."""
    seeds = [seed for seed in series.seeds if seed in other.seeds]
    if not seeds:
        return None
    first, second = series.at(seeds), other.at(seeds)
    difference = paired(first.macro_f1, second.macro_f1)
    clips = bootstrap.interval(first, second)
    return Comparison(seeds, difference, difference.p, clips)


def _corrected(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells with the p of all their comparisons corrected together."""
    places = [
        (number, name) for number, cell in enumerate(cells) for name in ('unimodal', 'control')
        if (found := getattr(cell, name)) and found.p is not None
    ]
    result = list(cells)
    raw = [getattr(cells[number], name).p for number, name in places]
    for (number, name), p in zip(places, holm(raw), strict=True):
        changed = replace(getattr(cells[number], name), p=p)
        result[number] = replace(result[number], **{name: changed})
    return result


def _points(table: Table) -> list[Point]:
    source = table.cell(SOURCE, 1.0)
    points = []
    for cell in table.cells:
        alone = table.cell(UNIMODAL, cell.labelled)
        if not (is_method(cell.row) and source and alone):
            continue
        seeds = set(cell.series.seeds) & set(alone.series.seeds) & set(source.series.seeds)
        gains = cell.series.at(seeds).macro_f1 - alone.series.at(seeds).macro_f1
        numbers = zip(sorted(seeds), source.series.at(seeds).overfit, gains, strict=True)
        points += [
            Point(cell.row, cell.labelled, seed, float(overfit), float(gain))
            for seed, overfit, gain in numbers
        ]
    return points
