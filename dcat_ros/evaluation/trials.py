# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Fits and scores the models of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
import time

from dcat_ros.evaluation.inputs import StudyInputs
from dcat_ros.evaluation.open_set import (
    can_leave_out,
    classes_left_out,
    KNOWN_NAMED,
    open_set_windows,
)
from dcat_ros.evaluation.plan import is_control, method_of, sources_of
from dcat_ros.evaluation.protocol import Subjects
from dcat_ros.evaluation.selection import Choice, choose
from dcat_ros.evaluation.splits import labelled_of
from dcat_ros.evaluation.trial import Outcome, source_weights, Trial
from dcat_ros.method import Classifier, METHODS
from dcat_ros.training.dataset import load
from dcat_ros.training.fit_runner import FitRunner, RecipeData
from dcat_ros.training.hardware import Hardware
from dcat_ros.training.negatives.recorded import load_negatives
from dcat_ros.training.plan import Plan, SourcePlan
from dcat_ros.training.progress import Reporter, SilentReporter
from dcat_ros.training.score import (
    macro_f1_of,
    predicted_classes,
    scores_of,
    transitions_macro_f1,
)
import torch


class TrialRunner:
    """Fits and scores the model of each trial.

    :param inputs: recipes and bags.
    :param work: directory for windows and fits; finished ones are reused.
    """

    def __init__(
        self, inputs: StudyInputs, work: Path, hardware: Hardware, reporter: Reporter
    ) -> None:
        torch.set_num_threads(1)
        self._inputs = inputs
        self._work = work
        self._hardware = hardware
        self._reporter = reporter
        self._choices: dict[Trial, Choice] = {}

    @cached_property
    def fit_runner(self) -> FitRunner:
        """Return the runner that fits the models.

        :raises TrainingError: if a bag cannot be used.
        """
        inputs, cache = self._inputs, self._work / 'windows'
        recipe_data = {}
        for name, recipe in inputs.recipes.items():
            elsewhere = inputs.is_elsewhere(name)
            bags = inputs.source_bags if elsewhere else inputs.bags
            same = inputs.study.same if elsewhere else {}
            data = load(bags, recipe, cache, self._reporter, same)
            recipe_data[name] = RecipeData(
                recipe, data, inputs.sums[elsewhere] | inputs.negative_sums[name],
                load_negatives(recipe, cache, self._reporter),
            )
        return FitRunner(
            recipe_data, inputs.study.pairing, self._work / 'fits', self._hardware, self._reporter
        )

    def run(self, trial: Trial) -> Outcome:
        """Fit and score the model of a trial.

        :raises TrainingError: if that cannot be done.
        """
        began = time.monotonic()
        plan, choice = self.plan_of(trial)
        fitted = self.fit_runner.fit(plan, f'{trial.row} {trial.target}, seed {trial.seed}')
        data = self.fit_runner.data(trial.target)
        test = self._inputs.sides(trial.target, trial.split, trial.seed).test
        scores = scores_of(fitted.network, data, test)
        learned = predicted_classes(scores_of(fitted.network, data, plan.clips).clips)
        count = len(data.classes)
        return Outcome(
            truth=data.targets[test].tolist(),
            scores=scores.clips.tolist(),
            train_macro_f1=macro_f1_of(data.targets[list(plan.clips)], learned, count),
            curve=fitted.curve,
            windows=self.fit_runner.windows(plan),
            seconds=time.monotonic() - began,
            chosen=choice.record,
            window_macro_f1=macro_f1_of(scores.truth, scores.windows.argmax(axis=1), count),
            transitions_macro_f1=transitions_macro_f1(fitted.network, data, test),
            open_set=self._open_set(trial, plan, fitted.network, test),
        )

    def _open_set(
        self, trial: Trial, plan: Plan, network: Classifier, test: Sequence[int]
    ) -> dict[str, float]:
        """Return the measures on unknown movement; classes are left out for the first seed only.

        Those of a control mean nothing, and are left out; so are those of variants of targets,
        of which the studies ask for the gain only.
        """
        if is_control(trial.row) or self._inputs.study.targets:
            return {}
        data = self.fit_runner.data(trial.target)
        windows = open_set_windows(
            network, self._inputs.recipes[trial.target], data, test,
            self.fit_runner.negatives(trial.target),
        )
        measures = windows.measures(windows.known.by_coverage(KNOWN_NAMED))
        first = trial.seed == 0 and trial.labelled == 1
        if self._inputs.study.leave_classes_out and first and can_leave_out(data):
            measures |= classes_left_out(self.fit_runner, plan, test)
        return measures

    def sums(self, recipe: str) -> dict[str, str]:
        """Return the SHA-256 of each bag of a recipe by name."""
        return self._inputs.sums[self._inputs.is_elsewhere(recipe)]

    def negative_sums(self, recipe: str) -> dict[str, str]:
        """Return the SHA-256 of each bag of a recipe's negatives by name."""
        return self._inputs.negative_sums[recipe]

    def plan_of(self, trial: Trial) -> tuple[Plan, Choice]:
        """Return the plan of a trial's fit, and the settings chosen for it."""
        choice = self._choice(trial)
        plan = self._plan(trial, self._sides(trial))
        return replace(plan, weight=choice.weight, stop=choice.stop), choice

    def plan_for(self, trial: Trial, subjects: Sequence[str], hold_back: bool = False) -> Plan:
        """Return the plan of a trial's row for all clips of some subjects.

        :param hold_back: whether the test subjects of the negatives are held back.
        """
        sides = self._sides(trial)
        for name in sides:
            if not self._inputs.is_elsewhere(name):
                sides[name] = self.fit_runner.data(name).clips_of(subjects)
        choice = self._choice(trial)
        plan = self._plan(trial, sides, hold_back)
        return replace(plan, weight=choice.weight, stop=choice.stop)

    def _sides(self, trial: Trial) -> dict[str, list[int]]:
        """Return the clips to train on of each recipe of a trial."""
        return {
            name: self._inputs.sides(name, trial.split, trial.seed).train
            for name in (trial.target, *source_weights(trial.source))
        }

    def _plan(
        self, trial: Trial, sides: Mapping[str, Sequence[int]], hold_back: bool = True
    ) -> Plan:
        """Return the plan of a trial for given clips of its recipes."""
        train = sides[trial.target]
        clips = self._inputs.clips[trial.target]
        kept = labelled_of(clips, train, trial.labelled, trial.seed)
        plan = Plan(
            trial.target,
            tuple(kept),
            tuple(sorted(set(train) - set(kept))),
            self._unlabelled_subjects(trial, train),
            trial.seed,
            self._inputs.study.budget,
            negatives=self._negative_subjects(trial.target, hold_back),
        )
        if not trial.source:
            return plan
        sources = tuple(
            SourcePlan(
                Plan(
                    source.target,
                    tuple(sides[source.target]),
                    subjects=self._unlabelled_subjects(source, sides[source.target]),
                    seed=trial.seed,
                    budget=plan.budget,
                    negatives=self._negative_subjects(source.target, hold_back),
                    stop=self._choice(source).stop,
                ),
                source_weights(trial.source)[source.target],
            )
            for source in sources_of(trial)
        )
        return replace(
            plan, method=method_of(trial.row), sources=sources, shuffled=is_control(trial.row)
        )

    def _negative_subjects(self, recipe: str, hold_back: bool) -> tuple[str, ...]:
        negatives = self.fit_runner.negatives(recipe)
        if negatives is None:
            return ()
        return tuple(negatives.trained if hold_back else negatives.subjects)

    def _unlabelled_subjects(self, trial: Trial, train: Sequence[int]) -> tuple[str, ...]:
        """Return the subjects whose windows outside of clips may be used in training.

        Those are the subjects that have training clips only.
        """
        data = self.fit_runner.data(trial.target)
        held = set(range(len(data.clips))) - set(train)
        away = {data.clips[clip].subject for clip in held}
        return tuple(sorted(set(data.dense.subjects.tolist()) - away))

    def _choice(self, trial: Trial) -> Choice:
        """Return λ and the last step of a trial's fit, chosen on validation subjects.

        All seeds and shares of labels have the same choice, and a control has that of its method.
        With variants of targets, each method has its default λ and its whole schedule, and a
        choice tells how a variant does on the validation subjects.
        """
        weights = METHODS[method_of(trial.row)].weights if trial.source else (1.0,)
        split = self._inputs.split_of(trial.target, trial.split)
        varied = bool(self._inputs.study.targets)
        if not (isinstance(split, Subjects) and split.validation) or (
            varied and not trial.source
        ):
            return Choice(weights[0])
        model = replace(
            trial, row=method_of(trial.row), seed=0,
            labelled=split.choose_at if trial.source else 1.0,
        )
        if model not in self._choices:
            self._choices[model] = self._chosen(model, split, weights[:1] if varied else weights)
        return self._choices[model]

    def _chosen(self, model: Trial, split: Subjects, weights: Sequence[float]) -> Choice:
        """Try each λ on the training subjects without the validation subjects."""
        sides = self._sides(model)
        validating: list[int] = []
        for name, train in sides.items():
            clips = self._inputs.clips[name]
            away = [
                clip for clip in train
                if clips[clip].subject in split.validation
                and not self._inputs.is_elsewhere(name)
            ]
            sides[name] = sorted(set(train) - set(away))
            validating = away if name == model.target else validating
        plan = replace(self._plan(model, sides), validation=tuple(validating))
        return choose(
            self.fit_runner, plan, weights, f'{model.row} {model.target}',
            may_stop=not self._inputs.study.targets,
        )


def silent_runner(inputs: StudyInputs, work: Path) -> TrialRunner:
    """Return a runner that reports no progress, for a worker process."""
    return TrialRunner(inputs, work, Hardware(), SilentReporter())
