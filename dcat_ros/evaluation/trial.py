# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One model of a study, its name as people read it, and its outcome."""

from dataclasses import dataclass, field
import math

from dcat_ros.training.errors import TrainingError

SPLITS = {
    'out_of_distribution': 'subjects left out',
    'in_distribution': 'clips left out at random',
}


def share_text(labelled: float) -> str:
    """Return a share of labels, such as '25 % labels'."""
    return 'all labels' if labelled == 1 else f'{100 * labelled:.4g} % labels'


@dataclass(frozen=True)
class Trial:
    """All that distinguishes one fitted model of a study from another.

    :param target: recipe of the sensor that is trained.
    :param source: recipes of the source sensors, as in `camera` or `camera=2+audio`; empty without
        source.
    :param row: see ``dcat_ros.evaluation.plan``.
    :param split: name of the split.
    :param labelled: share of the target's training clips that keep their label.
    """

    target: str
    source: str
    row: str
    split: str
    labelled: float
    seed: int

    @property
    def row_text(self) -> str:
        """Return direction, split, row and share of labels: all but the seed."""
        direction = f'{self.source} → {self.target}' if self.source else self.target
        return f'{direction}, {SPLITS[self.split]}, {self.row}, {share_text(self.labelled)}'


def parse_source(text: str) -> tuple[str, float]:
    """Return the recipe and the weight in `RECIPE[=WEIGHT]`.

    :raises TrainingError: if the weight is not a number above 0.
    """
    recipe, has_weight, weight = text.strip().rpartition('=')
    if not has_weight:
        return weight, 1.0
    try:
        value = float(weight)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise TrainingError(
            f'source "{text}" has a weight of "{weight}", expected a number above 0'
        )
    return recipe, value


def source_weights(source: str) -> dict[str, float]:
    """Return the weight of each recipe in a text such as `camera=2+audio`; none in an empty one.

    :raises TrainingError: if a weight is not a number above 0, or a recipe occurs twice.
    """
    pairs = [parse_source(part) for part in source.split('+')] if source else []
    weights = dict(pairs)
    if len(weights) < len(pairs):
        raise TrainingError(f'source "{source}" names a recipe twice: drop it from one place')
    return weights


@dataclass(frozen=True)
class Outcome:
    """The predictions of a fitted model for the test clips.

    :param truth: class of each test clip, (clips,).
    :param scores: (clips, classes), the mean softmax of a clip's live windows; zeros if it has
        none, which counts as missed.
    :param window_macro_f1: of the test clips' single windows, 0 to 1.
    :param train_macro_f1: of the labelled training clips, 0 to 1.
    :param curve: see :class:`dcat_ros.training.callbacks.Curve`.
    :param windows: numbers of training windows by kind.
    :param seconds: that the fit took.
    :param transitions_macro_f1: of the windows that span a change of activity, which is that at
        the window's centre; None without such windows.
    :param open_set: see :meth:`dcat_ros.evaluation.open_set.OpenSetWindows.measures`, at the
        threshold that names 90 % of the known windows, and `left_out_auroc` and `left_out_named`
        where classes were left out.
    :param chosen: what was chosen on validation subjects, and the scores there.
    """

    truth: list[int]
    scores: list[list[float]]
    train_macro_f1: float
    curve: list[dict[str, float]]
    windows: dict[str, int]
    seconds: float
    chosen: dict[str, float] = field(default_factory=dict)
    window_macro_f1: float = float('nan')
    transitions_macro_f1: float | None = None
    open_set: dict[str, float] = field(default_factory=dict)
