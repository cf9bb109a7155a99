# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inputs of a study: recipes, bags, and the clips in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from dcat_ros.evaluation.protocol import Direction, Drawn, Study, Subjects
from dcat_ros.evaluation.splits import classes_of, clips_in, labelled_of, Sides, sides_of
from dcat_ros.evaluation.sweep import Variant
from dcat_ros.evaluation.trial import source_weights, Trial
from dcat_ros.training import provenance
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Clip, find_bags
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.negatives.recorded import negative_bags
from dcat_ros.training.recipes import recipe_of


class TargetVariant(NamedTuple):
    """A variant of a target's recipe.

    :param target: name of the recipe that it is a variant of.
    """

    target: str
    variant: Variant


@dataclass(frozen=True)
class StudyInputs:
    """Recipes and bags of a study.

    :param study: with recipes by name; with variants of targets, a direction for each.
    :param recipes: by name.
    :param bags: of the targets, and of the sources where windows are paired by time.
    :param source_bags: of the sources where they are paired by label, else none.
    :param sums: SHA-256 of each bag by name, of `bags` and `source_bags`.
    :param clips: all labelled clips by recipe, numbered as in its data set.
    :param variants: of targets, by the name of the recipe that stands for it; none without sweep.
    """

    study: Study
    recipes: dict[str, Config]
    bags: list[Path]
    source_bags: list[Path]
    sums: tuple[dict[str, str], dict[str, str]]
    clips: dict[str, list[Clip]]
    variants: dict[str, TargetVariant] = field(default_factory=dict)

    @classmethod
    def gather(
        cls, study: Study, bags: Sequence[Path], source_bags: Sequence[Path]
    ) -> StudyInputs:
        """Read recipes and labels; from then on the study refers to recipes by their own names.

        :param bags: bags, or directories of bags; so are `source_bags`.
        :raises TrainingError: if something is missing, or bags are given that nobody asks for.
        """
        if study.is_paired and source_bags:
            raise TrainingError(
                f'{study.name} pairs by time, within --bags: leave --source-bags out'
            )
        if not study.is_paired and not source_bags:
            raise TrainingError(
                f'{study.name} pairs by label with other bags: name them by --source-bags'
            )
        study, recipes = _named(study, [*bags, *source_bags])
        study, recipes, variants = varied(study, recipes)
        found = find_bags(bags), find_bags(source_bags) if source_bags else []
        of_targets = clips_in(found[0], {})
        of_sources = clips_in(found[1], study.same) if source_bags else []
        clips = {
            name: of_sources if _is_elsewhere(study, name) else of_targets for name in recipes
        }
        sums = provenance.bags_of(found[0]), provenance.bags_of(found[1])
        return cls(study, recipes, *found, sums, clips, variants)

    def check(self) -> None:
        """Draw every split and every share of labels once.

        :raises TrainingError: if one cannot be drawn, or source and target share no label.
        """
        for direction in self.study.directions:
            sources = list(source_weights(direction.source))
            for source in sources:
                if not set(self.classes(source)) & set(self.classes(direction.target)):
                    raise TrainingError(
                        f'{source} and {direction.target} share no label: name the equal ones '
                        'under same in the protocol'
                    )
            for split in self.study.splits.used:
                for seed in range(self.study.seeds):
                    for source in sources:
                        self.sides(source, split, seed)
                    train = self.sides(direction.target, split, seed).train
                    for share in self.study.labelled:
                        labelled_of(self.clips[direction.target], train, share, seed)

    def is_elsewhere(self, recipe: str) -> bool:
        """Tell whether a recipe's clips are in the source's bags."""
        return _is_elsewhere(self.study, recipe)

    def classes(self, recipe: str) -> list[str]:
        """Return a recipe's classes in the order of its model's output."""
        return self.recipes[recipe].classes or classes_of(self.clips[recipe])

    @cached_property
    def negative_sums(self) -> dict[str, dict[str, str]]:
        """Return the SHA-256 of each bag of negatives by name, by recipe."""
        return {
            name: provenance.bags_of(negative_bags(recipe))
            for name, recipe in self.recipes.items()
        }

    def split_of(self, recipe: str, name: str) -> Subjects | Drawn:
        """Return the split of a recipe's clips by its name."""
        if self.is_elsewhere(recipe):
            return self.study.source_split
        return self.study.splits.used[name]

    def sides(self, recipe: str, name: str, seed: int) -> Sides:
        """Return the sides of a split, as numbers of the recipe's clips.

        :raises TrainingError: if it cannot be drawn.
        """
        split, clips = self.split_of(recipe, name), self.clips[recipe]
        return sides_of(split, clips, self.classes(recipe), seed)

    def key(self, trial: Trial) -> str:
        """Return a hash of everything that the outcome of a trial depends on."""
        used = [trial.target, *source_weights(trial.source)]
        elsewhere = [self.is_elsewhere(name) for name in used]
        record: list[Any] = [
            asdict(trial),
            [provenance.settings(self.recipes[name]) for name in used],
            [self.negative_sums[name] for name in used],
            [asdict(self.split_of(name, trial.split)) for name in used],
            self.sums[0] if not all(elsewhere) else {},
            self.sums[1] if any(elsewhere) else {},
            [self.study.pairing, self.study.same] if trial.source else [],
            self.study.budget,
            self.study.leave_classes_out,
            provenance.versions(),
            *(['default λ, whole schedule'] if self.study.targets else []),
        ]
        return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _named(study: Study, bags: Sequence[Path]) -> tuple[Study, dict[str, Config]]:
    """Return the study with recipes by name, whatever file they come from, and those."""
    found = {given: recipe_of(given, bags) for given in study.recipes}
    if study.members:
        found = {
            given: replace(recipe, fit=replace(recipe.fit, members=study.members))
            for given, recipe in found.items()
        }
    recipes = {recipe.name: recipe for recipe in found.values()}
    if len(recipes) < len(found):
        names = ', '.join(recipe.name for recipe in found.values())
        raise TrainingError(f'the recipes are {names}: give each a name of its own')
    directions = [
        Direction(
            '+'.join(
                found[name].name + f'={weight:g}' * (weight != 1)
                for name, weight in source_weights(each.source).items()
            ),
            found[each.target].name,
        )
        for each in study.directions
    ]
    return replace(study, directions=directions), recipes


def varied(
    study: Study, recipes: dict[str, Config]
) -> tuple[Study, dict[str, Config], dict[str, TargetVariant]]:
    """Return the study with a direction for each variant of a target, its recipes, and those.

    :param recipes: by name.
    """
    if not study.targets:
        return study, recipes, {}
    found, variants, directions = dict(recipes), {}, []
    for direction in study.directions:
        for variant in study.targets.variants:
            recipe = variant.of(recipes[direction.target])
            found[recipe.name] = recipe
            directions.append(Direction(direction.source, recipe.name))
            variants[recipe.name] = TargetVariant(direction.target, variant)
    study = replace(study, directions=directions)
    return study, {name: found[name] for name in study.recipes}, variants


def _is_elsewhere(study: Study, recipe: str) -> bool:
    """Tell whether a recipe's clips are in the source's bags."""
    return not study.is_paired and any(
        recipe in source_weights(each.source) for each in study.directions
    )
