# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The results of a study: its tables, and how their rows compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dcat_ros.evaluation.inputs import StudyInputs
from dcat_ros.evaluation.plan import (
    control_of,
    is_control,
    is_method,
    planned,
    SOURCE,
    trial_of,
    UNIMODAL,
)
from dcat_ros.evaluation.protocol import Direction, Study
from dcat_ros.evaluation.series import Series
from dcat_ros.evaluation.statistics import (
    clip_interval,
    Correlation,
    correlation,
    Estimate,
    holm,
    paired,
    PairedDifference,
    score_estimate,
    SIGNIFICANT,
)
from dcat_ros.evaluation.trial import Outcome, Trial
from dcat_ros.training.errors import TrainingError
import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """One row minus another, over the seeds that both have.

    :param difference: of macro-F1, tested over seeds.
    :param p: of that test, Holm-corrected within the table; None for a single seed.
    :param clips: 95 % interval of the difference by the bootstrap over test clips.
    """

    seeds: list[int]
    difference: PairedDifference
    p: float | None
    clips: tuple[float, float]

    @property
    def sign(self) -> int:
        """1 for better, -1 for worse, 0 unless both the test and the bootstrap show it."""
        low, high = self.clips
        if self.p is None or self.p >= SIGNIFICANT or low <= 0 <= high:
            return 0
        return 1 if self.difference.mean > 0 else -1


@dataclass(frozen=True)
class Cell:
    """One row at one share of labels.

    :param unimodal: against the target alone, with as many labels; None if there is no such cell.
    :param control: against the row's own control.
    """

    row: str
    labelled: float
    series: Series
    macro_f1: Estimate
    unimodal: Comparison | None = None
    control: Comparison | None = None


@dataclass(frozen=True)
class Table:
    """All rows of one direction and split.

    :param classes: of the target.
    :param cells: by share of labels as in the study, then by row; only those with seeds.
    """

    direction: Direction
    split: str
    classes: list[str]
    cells: list[Cell]

    def cell(self, row: str, labelled: float) -> Cell | None:
        """Return a cell, None if there is no such cell."""
        wanted = (row, 1.0 if row == SOURCE else labelled)
        return next((cell for cell in self.cells if (cell.row, cell.labelled) == wanted), None)

    def best(self, share: float) -> Cell | None:
        """Return the method with the highest mean at a share of labels, None without methods."""
        methods = [cell for cell in self.cells if is_method(cell.row) and cell.labelled == share]
        return max(methods, key=lambda cell: cell.macro_f1.mean, default=None)

    @property
    def shares(self) -> list[float]:
        """Return the shares of labels, falling."""
        return sorted({cell.labelled for cell in self.cells if cell.row != SOURCE}, reverse=True)

    @property
    def points(self) -> pd.DataFrame:
        """Return row, labelled, seed, overfit (of the source) and gain of each method and seed."""
        source = self.cell(SOURCE, 1.0)
        frames = [pd.DataFrame(columns=['row', 'labelled', 'seed', 'overfit', 'gain'])]
        for cell in self.cells:
            alone = self.cell(UNIMODAL, cell.labelled)
            if is_method(cell.row) and source and alone:
                overfit = pd.Series(source.series.overfit, source.series.seeds, name='overfit')
                gain = _by_seed(cell) - _by_seed(alone)
                frame = pd.concat([overfit, gain.rename('gain')], axis=1, join='inner').dropna()
                frame = frame.rename_axis('seed').reset_index()
                frames.append(frame.assign(row=cell.row, labelled=cell.labelled))
        found = [frame for frame in frames if len(frame)]
        return pd.concat(found, ignore_index=True)[frames[0].columns] if found else frames[0]

    @property
    def overfit(self) -> Correlation:
        """Return the correlation of the source's overfitting with the gains."""
        points = self.points
        return correlation(points['overfit'], points['gain'])


@dataclass(frozen=True)
class Results:
    """A study and its results.

    :param rows: those of the tables.
    :param planned: number of trials in the study.
    :param finished: number of trials that have an outcome.
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
    """Return the results of the outcomes.

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


def comparison(series: Series, other: Series) -> Comparison | None:
    """Compare two rows; None if they have no seed in common. The p is not corrected."""
    seeds = [seed for seed in series.seeds if seed in other.seeds]
    if not seeds:
        return None
    first, second = series.at(seeds), other.at(seeds)
    difference = paired(first.macro_f1, second.macro_f1)
    return Comparison(seeds, difference, difference.p, clip_interval(first, second))


def _by_seed(cell: Cell) -> pd.Series:
    return pd.Series(cell.series.macro_f1, cell.series.seeds)


def _table(
    inputs: StudyInputs, rows: Sequence[str], outcomes: Mapping[Trial, Outcome],
    direction: Direction, split: str,
) -> Table:
    shares = sorted(inputs.study.labelled, reverse=True)
    cells = []
    for share in shares:
        for row in rows:
            if row == SOURCE and share != shares[0]:
                continue
            series = _series(inputs, outcomes, direction, row, split, share)
            if series.seeds:
                labelled = 1.0 if row == SOURCE else share
                cells.append(Cell(row, labelled, series, score_estimate(series.macro_f1)))
    table = Table(direction, split, inputs.classes(direction.target), cells)
    return replace(table, cells=_corrected([_compared(cell, table) for cell in cells]))


def _series(
    inputs: StudyInputs, outcomes: Mapping[Trial, Outcome], direction: Direction, row: str,
    split: str, share: float,
) -> Series:
    trials = [trial_of(direction, row, split, share, s) for s in range(inputs.study.seeds)]
    found = [trial for trial in trials if trial in outcomes]
    recipe = trials[0].target
    clips = [inputs.sides(recipe, split, trial.seed).test for trial in found]
    classes = inputs.classes(recipe)
    for trial, tested in zip(found, clips, strict=True):
        labels = [inputs.clips[recipe][clip].label for clip in tested]
        if [classes[number] for number in outcomes[trial].truth] != labels:
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


def _corrected(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells with the p of all their comparisons corrected together."""
    tested = [
        found for cell in cells for found in (cell.unimodal, cell.control)
        if found and found.p is not None
    ]
    p_values = holm([found.p for found in tested if found.p is not None])
    corrected = {id(found): replace(found, p=p)
                 for found, p in zip(tested, p_values, strict=True)}
    return [
        replace(
            cell,
            unimodal=corrected.get(id(cell.unimodal), cell.unimodal),
            control=corrected.get(id(cell.control), cell.control),
        )
        for cell in cells
    ]
