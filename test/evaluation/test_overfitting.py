# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Variants of a target: what is fitted, what is chosen without the test people, what is told."""

from dataclasses import replace
import json
import re
from types import SimpleNamespace
import xml.etree.ElementTree as ET

from dcat_ros.evaluation import trials
from dcat_ros.evaluation.overfitting import curves_of
from dcat_ros.evaluation.plan import planned, sources_of
from dcat_ros.evaluation.report.json import document
from dcat_ros.evaluation.report.write import findings, markdown, page
from dcat_ros.evaluation.results import results_of
from dcat_ros.evaluation.selection import at_the_end, Choice, selected
from dcat_ros.evaluation.sweep import Sweep, Variant
from dcat_ros.evaluation.trials import TrialRunner
from dcat_ros.method.encoders.imu import ImuEncoder
from dcat_ros.training.config import Negatives
from dcat_ros.training.hardware import Hardware
from dcat_ros.training.network import build
from dcat_ros.training.progress import SilentReporter
from known_outcomes import outcome_of, study_inputs, SUBJECTS
import numpy as np
import pytest
import torch

ROWS = ['unimodal', 'source', 'dcat', 'dcat_shuffled']
TARGETS = {'widths': [1, 0.25], 'epochs': [4, 0.25, 1]}
SPLITS = {'out_of_distribution': {
    **SUBJECTS['out_of_distribution'], 'validation': ['3'], 'choose_at': 0.25,
}}
OVERFIT = {0.25: 0.05, 1.0: 0.2, 4.0: 0.4}


@pytest.fixture(scope='module')
def inputs(tmp_path_factory):
    return study_inputs(
        tmp_path_factory.mktemp('known'), trials=8, labelled=[0.25], targets=TARGETS,
        splits=SPLITS, rows=ROWS,
    )


def outcomes_of(inputs, gain, overfit=OVERFIT):
    """Return outcomes where a method gains so much, by the target's overfitting."""
    found = {}
    for trial in planned(inputs.study, ROWS):
        classes = inputs.classes(trial.target)
        tested = inputs.sides(trial.target, trial.split, trial.seed).test
        truth = np.array([classes.index(inputs.clips[trial.target][i].label) for i in tested])
        if trial.target not in inputs.variants:
            found[trial] = outcome_of(trial, truth, len(classes), 0.8)
            continue
        variant = inputs.variants[trial.target].variant
        rate = 0.5 + (gain(overfit[variant.epochs]) if trial.row == 'dcat' else 0.0)
        outcome = outcome_of(replace(trial, row='any'), truth, len(classes), rate)
        found[trial] = replace(
            outcome,
            train_macro_f1=outcome.window_macro_f1 + overfit[variant.epochs],
            chosen={'weight': 1.0, 'stop': 1.0, 'macro_f1': validated(variant)}
            if trial.source else {},
        )
    return found


def validated(variant):
    """Return the score of a variant on the validation subject: width 0.25, epochs × 1 is best."""
    return 0.8 - abs(variant.epochs - 1) / 10 - variant.width / 10


@pytest.fixture(scope='module')
def falling(inputs):
    return results_of(inputs, ROWS, outcomes_of(inputs, lambda overfit: 0.3 - overfit), {})


def test_a_variant_is_a_target_of_its_own_with_the_same_source(inputs):
    trials = planned(inputs.study, ROWS)
    assert len(trials) == len(set(trials)) == 5 * (1 + 6 * 3)
    assert len({inputs.key(trial) for trial in trials}) == len(trials)
    assert {source.target for trial in trials for source in sources_of(trial)} == {'imu'}
    assert len(inputs.variants) == 6 and inputs.variants['depth'] == ('depth', Variant())


def test_the_recipe_among_the_variants_is_another_trial_than_without_them(inputs, tmp_path):
    """Without variants, λ and early stopping are chosen."""
    alone = study_inputs(tmp_path, trials=8, labelled=[0.25], splits=SPLITS, rows=ROWS)
    (trial,) = [t for t in planned(alone.study, ROWS) if (t.row, t.seed) == ('dcat', 0)]
    assert trial in planned(inputs.study, ROWS)
    assert alone.key(trial) != inputs.key(trial)


def test_a_variant_changes_capacity_epochs_and_regularisation_only(inputs):
    recipe = replace(
        inputs.recipes['imu'], augment={'tilt': 0.1}, encoder={'dropout': 0.1},
        negatives=Negatives(rest=0.1),
    )
    assert Variant().of(recipe) == recipe
    small = Variant(0.25, True, 4.0).of(recipe)
    assert small == replace(
        recipe, name='imu (width 0.25, epochs × 4)', encoder={'dropout': 0.1, 'width': 0.25},
        fit=replace(recipe.fit, epochs=4 * recipe.fit.epochs),
    )
    plain = Variant(1.0, False, 1.0).of(recipe)
    assert plain.augment == {} and plain.negatives == Negatives()
    assert (plain.dropout, plain.encoder) == (0.0, {'dropout': 0.0})
    assert (plain.fit.ema, plain.fit.label_smoothing, plain.fit.weight_decay) == (0, 0, 0)
    assert plain.window == recipe.window and plain.dim == recipe.dim


def test_the_width_changes_the_convolutions_and_not_the_tokens(inputs):
    windows = torch.randn(2, 32, 6)
    sizes = []
    for width in (0.25, 1.0, 2.0):
        recipe = Variant(width).of(inputs.recipes['imu'])
        network = build(recipe, (32, 6), 3).eval()
        output = network(windows)
        assert output.k.shape == output.v.shape == (2, 8, 64)
        sizes.append(sum(p.numel() for p in network.encoder.parameters()))
    assert sizes[0] < sizes[1] / 6 and sizes[2] > 3 * sizes[1]


def test_the_width_of_shipped_recipes_adds_no_weights():
    assert not any(name.startswith('project') for name in ImuEncoder().state_dict())
    torch.manual_seed(0)
    first = ImuEncoder().state_dict()
    torch.manual_seed(0)
    second = ImuEncoder(width=1.0).state_dict()
    assert all(torch.equal(first[name], second[name]) for name in first)
    with pytest.raises(ValueError, match='width is 0, expected more than 0'):
        ImuEncoder(width=0)


def test_the_choice_sees_validation_subjects_and_no_test_subject(inputs, tmp_path, monkeypatch):
    asked = []

    def choose(fit_runner, plan, weights, title, may_stop):
        asked.append((plan, weights, may_stop))
        return Choice(weights[0], 1.0, 0.6)

    monkeypatch.setattr(trials, 'choose', choose)
    runner = TrialRunner(inputs, tmp_path, Hardware(), SilentReporter())
    clips = inputs.clips['depth']
    subjects = np.array([clip.subject for clip in clips])
    data = SimpleNamespace(clips=clips, dense=SimpleNamespace(subjects=subjects))
    runner.__dict__['fit_runner'] = SimpleNamespace(
        data=lambda recipe: data, negatives=lambda recipe: None
    )
    for trial in planned(inputs.study, ROWS):
        plan, choice = runner.plan_of(trial)
        assert (plan.weight, plan.stop) == (1.0, 1.0)
        assert choice.macro_f1 == 0.6 or not trial.source
    assert len(asked) == len(inputs.variants)
    for plan, weights, may_stop in asked:
        assert (weights, may_stop) == ((1.0,), False)
        learnt = {*plan.clips, *plan.hidden, *plan.sources[0].plan.clips}
        assert {clips[clip].subject for clip in learnt} == {'1'}
        assert {clips[clip].subject for clip in plan.validation} == {'3'}
        assert {*plan.subjects, *plan.sources[0].plan.subjects} == {'1'}


def test_a_whole_schedule_has_the_score_at_its_end():
    curve = [{'step': step, 'macro_f1': score} for step, score in ((10, 0.9), (20, 0.5))]
    assert selected(1.0, curve, 100) == Choice(1.0, 0.5, 0.9)
    assert at_the_end(1.0, [*curve, {'step': 20, 'loss': 0.1}]) == Choice(1.0, 1.0, 0.5)


def test_the_chosen_variant_depends_on_validation_alone(inputs, falling):
    (curve,) = curves_of(falling)
    best = Variant(0.25)
    assert curve.chosen.variant == best
    rising = results_of(inputs, ROWS, outcomes_of(inputs, lambda overfit: overfit), {})
    (other,) = curves_of(rising)
    assert other.chosen.variant == best and other.most_gain.variant != curve.most_gain.variant


@pytest.mark.parametrize(('gain', 'expected'), [
    (lambda overfit: 0.3 - overfit, 'the gain over the control falls with overfitting'),
    (lambda overfit: 0.8 * overfit, 'the gain over the control rises with overfitting'),
    (lambda overfit: 0.0, 'no relation between overfitting and gain over the control was shown'),
])
def test_a_known_relation_is_found_and_no_other(inputs, gain, expected):
    found = findings(results_of(inputs, ROWS, outcomes_of(inputs, gain), {}))
    assert len(found) == 1 and expected in next(iter(found))


def test_numbers_of_a_point_are_those_of_its_rows(falling):
    (curve,) = curves_of(falling)
    for point in curve.points:
        assert point.overfit.mean == pytest.approx(OVERFIT[point.variant.epochs], abs=0.03)
        series = point.cell.series.macro_f1 - point.control.series.macro_f1
        assert point.gain.difference.mean == pytest.approx(series.mean())
    share = curve.chosen.gain.difference.mean / curve.most_gain.gain.difference.mean
    assert curve.recovered == pytest.approx(share)
    assert curve.recipe.variant == Variant()


def test_the_report_has_one_figure_and_the_tables(falling):
    text = page(falling)
    tree = ET.fromstring(text.removeprefix('<!DOCTYPE html>\n'))
    (figure,) = tree.iter('svg')
    drawn = ''.join(figure.itertext())
    for network in ('width 0.25', 'width 1'):
        assert network in drawn
    told = markdown(falling)
    assert len(re.findall(r'^\| width .* \| × ', told, re.MULTILINE)) == 6
    chosen = 'chosen on validation subjects | width 0.25, epochs × 1 | 77.5 |'
    assert chosen in told
    assert 'channels of its convolutions × 0.25 and 1, epochs × 0.25, 1 and 4' in told
    assert 'imu → depth.' in told


def test_the_json_has_the_curve(falling):
    record = json.loads(json.dumps(document(falling), allow_nan=False))
    (curve,) = record['overfitting']
    assert curve['target'] == 'depth' and len(curve['points']) == 6
    chosen = curve['points'][curve['chosen']]
    assert (chosen['width'], chosen['regularised'], chosen['epochs']) == (0.25, True, 1.0)
    assert curve['slope']['mean'] < 0 and curve['slope']['p'] < 0.05


def test_a_part_of_the_trials_is_reported_as_a_part(inputs):
    some = {
        trial: outcome for trial, outcome in outcomes_of(inputs, lambda overfit: 0.1).items()
        if trial.seed == 0 and 'width 0.25' not in trial.target
    }
    found = results_of(inputs, ROWS, some, {})
    (sentence,) = findings(found)
    assert 'too few seeds or variants' in sentence
    ET.fromstring(page(found).removeprefix('<!DOCTYPE html>\n'))


def test_a_study_without_validation_subjects_chooses_nothing(tmp_path):
    inputs = study_inputs(tmp_path, targets={'epochs': [1, 2]}, labelled=[0.25], rows=ROWS)
    outcomes = {
        trial: replace(outcome, chosen={}) for trial, outcome in
        outcomes_of(inputs, lambda overfit: 0.1, {1.0: 0.1, 2.0: 0.2}).items()
    }
    results = results_of(inputs, ROWS, outcomes, {})
    (curve,) = curves_of(results)
    assert curve.chosen is None and curve.recovered is None
    assert 'chosen' not in next(iter(findings(results)))
    ET.fromstring(page(results).removeprefix('<!DOCTYPE html>\n'))


def test_the_recipe_alone_is_no_sweep():
    assert not Sweep() and Sweep(epochs=[2.0])
    assert [str(each) for each in Sweep([1, 0.5], [1.0], [False]).variants] == [
        'width 0.5, unregularised, epochs × 1', 'width 1, unregularised, epochs × 1'
    ]
