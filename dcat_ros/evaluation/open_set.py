# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a network says of movement that it does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from dcat_ros.method import Classifier
from dcat_ros.training import augment
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.fit_runner import FitRunner
from dcat_ros.training.negatives import GENERATORS
from dcat_ros.training.negatives.clips import ClipNegatives
from dcat_ros.training.negatives.recorded import RecordedNegatives
from dcat_ros.training.plan import Plan
from dcat_ros.training.score import BATCH, logits_of
import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.metrics import roc_auc_score
import torch

GENERATED = ('rest', 'smooth', 'recombined', 'remounted', 'misreported')
MOST_GENERATED = 1000
"""Most generated windows of each kind."""
KNOWN_NAMED = 0.9
"""Share of the known windows that the threshold of a comparison names."""
GROUPS = 3
"""Groups of classes that are left out in turn."""


class Named(NamedTuple):
    """The highest score of each window, and whether its class is right."""

    score: NDArray[np.float64]
    right: NDArray[np.bool_]

    def named(self, threshold: float) -> float:
        """Return the share of the windows that a threshold names."""
        return float((self.score >= threshold).mean())

    def right_of_named(self, threshold: float) -> float:
        """Return the share of right answers among the named windows, 0 if there are none."""
        named = self.score >= threshold
        return float(self.right[named].mean()) if named.any() else 0.0

    def named_wrongly(self, threshold: float) -> float:
        """Return the share of all windows that are named, and wrongly."""
        return float(((self.score >= threshold) & ~self.right).mean())

    def by_coverage(self, share: float) -> float:
        """Return the threshold that names a share of the windows."""
        return float(np.quantile(self.score, 1 - share))


class OpenSetWindows(NamedTuple):
    """The scores of a network on windows of each kind, a table's raw material.

    ``known``: of people left out, and ``people`` who each is of. ``strangers``: of recorded
    movement of none of the classes, by people left out; None if the recipe names no such bags.
    ``generated``: by kind.
    """

    known: Named
    people: NDArray[np.str_]
    strangers: Named | None
    generated: dict[str, Named]

    def right_by_person(self, threshold: float) -> dict[str, float]:
        """Return for each person the share of right answers among the named windows."""
        return {
            person: Named(self.known.score[own], self.known.right[own]).right_of_named(threshold)
            for person in np.unique(self.people).tolist() for own in [self.people == person]
        }

    def measures(self, threshold: float) -> dict[str, float]:
        """Return the table's rows at a threshold: shares of windows from 0 to 1, and AUROC."""
        found = {
            'known_named': self.known.named(threshold),
            'known_right': self.known.right_of_named(threshold),
        }
        if self.strangers is not None:
            found['strangers_named_wrongly'] = self.strangers.named_wrongly(threshold)
            found['strangers_auroc'] = auroc(self.known.score, self.strangers.score)
        for kind, windows in self.generated.items():
            found[f'{kind}_named'] = windows.named(threshold)
        return found


def auroc(known: NDArray[np.float64], unknown: NDArray[np.float64]) -> float:
    """Return the area under the ROC curve by which a score tells known from unknown windows."""
    truth = np.append(np.ones(len(known)), np.zeros(len(unknown)))
    return float(roc_auc_score(truth, np.append(known, unknown)))


def open_set_windows(
    network: Classifier,
    recipe: Config,
    data: Dataset,
    clips: Sequence[int],
    negatives: RecordedNegatives | None,
    temperature: float = 1.0,
) -> OpenSetWindows:
    """Return the scores of a network on known and on unknown windows.

    Naming a stranger's movement by one of the classes is right where the person does that just
    then, by the label in the negatives' bags.

    :param clips: of people whom the network has not seen.
    :param temperature: divides the logits before the softmax.
    """
    rows = data.live.of(clips)
    score, answers = _answers(logits_of(network, data.live, rows), temperature)
    known = Named(score, answers == data.targets[data.live.clips[rows]])
    strangers = None
    if negatives is not None:
        chosen = np.flatnonzero(np.isin(negatives.live.subjects, negatives.tested))
        score, answers = _answers(logits_of(network, negatives.live, chosen), temperature)
        right = [
            data.classes[answer] in negatives.labels[row]
            for row, answer in zip(chosen.tolist(), answers.tolist(), strict=True)
        ]
        strangers = Named(score, np.array(right, bool))
    generated = {
        kind: Named(score, np.zeros(len(score), bool))
        for kind, inputs in generated_windows(recipe, data, clips).items()
        for score, _ in [_answers(_logits(network, inputs), temperature)]
    }
    return OpenSetWindows(known, data.live.subjects[rows], strangers, generated)


def generated_windows(
    recipe: Config, data: Dataset, clips: Sequence[int]
) -> dict[str, torch.Tensor]:
    """Return generated windows by kind, always the same for the same clips."""
    rows = data.live.of(clips)
    step = -(-len(rows) // MOST_GENERATED)
    windows = torch.from_numpy(data.live.inputs(rows[::step]))
    augmentation = augment.create(recipe.features_of, recipe.augment)
    generator = GENERATORS.get(recipe.features_of, ClipNegatives)(augmentation)
    return {
        kind: getattr(generator, kind)(windows, torch.Generator().manual_seed(number))
        for number, kind in enumerate(GENERATED) if hasattr(generator, kind)
    }


def can_leave_out(data: Dataset) -> bool:
    """Tell whether two classes or more remain where every third is left out."""
    return len(data.classes) > GROUPS


def classes_left_out(fit_runner: FitRunner, plan: Plan, test: Sequence[int]) -> dict[str, float]:
    """Fit networks that lack every third class in turn; return how they tell those classes apart.

    :param plan: of the network with all classes, whose other settings are kept.
    :param test: clips of people left out.
    :return: `left_out_auroc` and `left_out_named`, the share of windows of unknown classes named
        at the threshold that names 90 % of the known windows; each the mean over the groups.
    """
    data = fit_runner.data(plan.recipe)
    found: dict[str, list[float]] = {'left_out_auroc': [], 'left_out_named': []}
    for group in range(GROUPS):
        unknown = set(data.classes[group::GROUPS])
        runner, part, kept = without_classes(fit_runner, plan, unknown)
        network = runner.fit(kept, f'without every third class, {group + 1} of {GROUPS}').network
        sides = [
            part.live.of(
                clip for clip in test if (data.clips[clip].label in unknown) == is_unknown
            )
            for is_unknown in (False, True)
        ]
        known, others = (
            _answers(logits_of(network, part.live, rows), 1.0)[0] for rows in sides
        )
        threshold = np.quantile(known, 1 - KNOWN_NAMED)
        found['left_out_auroc'].append(auroc(known, others))
        found['left_out_named'].append(float((others >= threshold).mean()))
    return {name: float(np.mean(values)) for name, values in found.items()}


def without_classes(
    fit_runner: FitRunner, plan: Plan, unknown: set[str]
) -> tuple[FitRunner, Dataset, Plan]:
    """Return runner, data set and plan of the same fit without some classes."""
    data = fit_runner.data(plan.recipe)
    part = replace(data, classes=[label for label in data.classes if label not in unknown])
    kept, hidden = (
        tuple(clip for clip in clips if data.clips[clip].label not in unknown)
        for clips in (plan.clips, plan.hidden)
    )
    return fit_runner.with_classes(plan.recipe, part), part, replace(
        plan, clips=kept, hidden=hidden
    )


def _answers(
    logits: NDArray[np.float32], temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the highest score of each window, and its class."""
    scores = softmax(logits.astype(np.float64) / temperature, axis=1)
    return scores.max(axis=1), scores.argmax(axis=1)


@torch.no_grad()
def _logits(network: Classifier, inputs: torch.Tensor) -> NDArray[np.float32]:
    return np.concatenate([network(part).logits.numpy() for part in inputs.split(BATCH)])
