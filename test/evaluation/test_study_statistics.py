# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study's statistics, against scipy, scikit-learn and values worked out by hand."""

from dcat_ros.evaluation import statistics
from dcat_ros.evaluation.report.curve_figures import averaged
from dcat_ros.evaluation.series import Series
from dcat_ros.evaluation.statistics import correlation, estimate, holm, paired, score_estimate
from dcat_ros.evaluation.trial import Outcome, Trial
from dcat_ros.training.score import MISSED
from known_outcomes import outcome_of
import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score


def outcome(truth, answers, classes=3, score=0.9, train=1.0):
    """Return an outcome that gives the answers with one score; None is a clip without window."""
    scores = np.zeros((len(truth), classes))
    for row, answer in zip(scores, answers, strict=True):
        if answer is not None:
            row[:] = (1 - score) / (classes - 1)
            row[answer] = score
    return Outcome(list(truth), scores.tolist(), train, [], {}, 1.0, {}, 0.5)


def series(*answers, truth=(0, 0, 1, 1, 2, 2), clips=None, **more):
    outcomes = [outcome(truth, each, **more) for each in answers]
    numbers = list(range(len(truth))) if clips is None else clips
    return Series(3, list(range(len(answers))), outcomes, [numbers] * len(answers))


def test_a_mean_has_students_interval():
    found = estimate([0.52, 0.50, 0.55, 0.49, 0.54])
    # mean 0.52, standard deviation 0.025495, t(0.975, 4) = 2.776445
    assert found.mean == pytest.approx(0.52)
    assert found.low == pytest.approx(0.52 - 2.776445 * 0.025495 / 5**0.5, abs=1e-6)
    assert found.high == pytest.approx(0.52 + 2.776445 * 0.025495 / 5**0.5, abs=1e-6)


def test_one_value_leaves_no_interval_and_no_test():
    assert (estimate([0.5]).low, estimate([0.5]).high) == (None, None)
    assert paired([0.5], [0.4]).p is None


def test_equal_values_have_an_interval_of_no_width():
    found = estimate([0.5, 0.5, 0.5])
    assert (found.low, found.high) == (0.5, 0.5)


def test_the_interval_of_a_score_stays_in_its_range():
    high, low = [0.97, 0.99, 1.0], [0.0, 0.01, 0.03]
    assert estimate(high).high > 1.0 and estimate(low).low < 0.0
    assert score_estimate(high).high == 1.0 and score_estimate(high).low == estimate(high).low
    assert score_estimate(low).low == 0.0 and score_estimate(low).high == estimate(low).high


def test_pairs_are_tested_as_scipy_does():
    random = np.random.default_rng(0)
    ours, others = random.normal(0.6, 0.03, 5), random.normal(0.5, 0.03, 5)
    found, expected = paired(ours, others), stats.ttest_rel(ours, others)
    assert found.p == pytest.approx(expected.pvalue)
    interval = expected.confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.mean == pytest.approx((ours - others).mean())


def test_pairs_that_all_differ_alike():
    assert paired([0.5, 0.6], [0.5, 0.6]).p == 1.0
    assert paired([1.0, 2.0], [0.5, 1.5]).p == 0.0


def test_holm_by_hand():
    # sorted 0.005, 0.01, 0.03, 0.04; times 4, 3, 2, 1; never falling
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_correlation():
    found = correlation([1, 2, 3, 4], [2, 4, 5, 9])
    expected = stats.pearsonr([1, 2, 3, 4], [2, 4, 5, 9])
    assert (found.r, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    assert correlation([1, 2], [1, 2]).r is None
    assert correlation([1, 1, 1], [1, 2, 3]).r is None


def test_scores_of_a_row():
    truth = [0, 0, 1, 1, 2, 2]
    found = series([0, 1, 1, 1, 2, None], truth=truth, train=0.9)
    assert found.predicted[0].tolist() == [0, 1, 1, 1, 2, MISSED]
    # F1: class 0 2/3, class 1 4/5, class 2 2/3
    assert found.f1[0] == pytest.approx([2 / 3, 4 / 5, 2 / 3])
    assert found.macro_f1[0] == pytest.approx((2 / 3 + 4 / 5 + 2 / 3) / 3)
    assert found.overfit[0] == pytest.approx(0.9 - found.macro_f1[0])
    assert found.confusion.tolist() == [[1, 1, 0, 0], [0, 2, 0, 0], [0, 0, 1, 1]]


def test_confusions_of_all_seeds_come_together():
    found = series([0, 0, 1, 1, 2, 2], [1, 1, 1, 1, 2, 2])
    assert found.confusion.tolist() == [[2, 2, 0, 0], [0, 4, 0, 0], [0, 0, 4, 0]]
    assert found.at([1]).confusion.tolist() == [[0, 2, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]]


def test_each_resample_gives_the_macro_f1_of_its_clips():
    """The vectorised bootstrap against scikit-learn on the clips drawn, written out."""
    random = np.random.default_rng(1)
    truth = np.repeat([0, 1, 2], 8)
    both = [np.where(random.random(24) < 0.6, truth, random.integers(0, 3, 24)) for _ in range(2)]
    found = series(*both, truth=truth.tolist())
    counts = statistics.resample_counts(tuple(truth.tolist()))
    values = statistics.resampled_macro_f1(found)
    for number in (0, 7, 1999):
        drawn = np.repeat(np.arange(24), counts[number].astype(int))
        assert np.bincount(truth[drawn]).tolist() == [8, 8, 8]
        expected = np.mean([
            f1_score(truth[drawn], answers[drawn], labels=range(3), average='macro',
                     zero_division=0)
            for answers in both
        ])
        assert values[number] == pytest.approx(expected, abs=1e-6)


def test_clips_are_resampled_with_their_predicted_classes_all_seeds():
    """Were each seed's clips drawn for themselves, five equal seeds would narrow the interval."""
    random = np.random.default_rng(2)
    truth = np.repeat([0, 1, 2], 20).tolist()
    better = [label if random.random() < 0.8 else (label + 1) % 3 for label in truth]
    worse = [label if random.random() < 0.5 else (label + 1) % 3 for label in truth]
    one = statistics.clip_interval(series(better, truth=truth), series(worse, truth=truth))
    five = statistics.clip_interval(
        series(*[better] * 5, truth=truth), series(*[worse] * 5, truth=truth)
    )
    assert five == pytest.approx(one)
    assert one[0] < 0.3 < one[1]


def test_clips_keep_their_identity_where_each_seed_has_others():
    truth = [0, 0, 1, 1, 2, 2]
    right, wrong = [0, 0, 1, 1, 2, 2], [1, 1, 2, 2, 0, 0]
    first = Series(3, [0, 1], [outcome(truth, right), outcome(truth[2:], right[2:])],
                   [[10, 11, 12, 13, 14, 15], [12, 13, 14, 15]])
    second = Series(3, [0, 1], [outcome(truth, wrong), outcome(truth[2:], wrong[2:])], first.clips)
    # seed 1 has no clip of class 0, whose F1 of 0 counts in both rows
    assert statistics.clip_interval(first, second) == pytest.approx(((1 + 2 / 3) / 2,) * 2)


def test_equal_rows_differ_by_nothing():
    found = series([0, 1, 1, 1, 2, 2])
    assert statistics.clip_interval(found, found) == (0.0, 0.0)


def test_calibration_by_hand():
    # 4 clips at 0.9, 3 right; 2 at 0.5, 1 right; ECE = 4/6 |0.75 - 0.9| + 2/6 |0.5 - 0.5|
    truth = [0, 0, 1, 1, 2, 2]
    sure = outcome(truth[:4], [0, 1, 1, 1], score=0.9)
    unsure = outcome(truth[4:], [2, 0], score=0.5)
    found = Series(3, [0, 1], [sure, unsure], [[0, 1, 2, 3], [4, 5]]).reliability
    assert found.ece == pytest.approx(4 / 6 * 0.15, abs=1e-6)
    assert found.scores == pytest.approx([0.5, 0.9])
    assert found.accuracy == pytest.approx([0.5, 0.75])
    assert found.clips == [2, 4]


def test_scores_on_the_edge_of_a_bin_are_calibrated():
    outcomes = [Outcome([0, 0, 1], [[.8, .2], [.79, .21], [.81, .19]], 1.0, [], {}, 1.0, {}, 0.5)]
    found = Series(2, [0], outcomes, [[0, 1, 2]]).reliability
    assert found.clips == [2, 1]
    # the bins have mean scores 0.795 and 0.81, accuracies 1 and 0
    assert found.ece == pytest.approx((2 * 0.205 + 0.81) / 3)


def test_clips_without_window_have_no_score_to_calibrate():
    assert series([None] * 6).reliability.ece is None
    assert sum(series([0, None, 1, 1, 2, 2]).reliability.clips) == 5


def test_curves_are_averaged_where_all_seeds_were_measured():
    curves = [
        [{'step': 10, 'loss': 2.0}, {'step': 20, 'loss': 1.0}, {'step': 20, 'macro_f1': 0.5}],
        [{'step': 10, 'loss': 4.0}, {'step': 30, 'loss': 1.0}],
    ]
    steps, values = averaged(curves, 'loss')
    assert (steps.tolist(), values.tolist()) == ([10], [3.0])
    assert averaged(curves, 'macro_f1')[0].tolist() == []


def test_outcomes_for_tests_have_the_rate_that_they_are_made_with():
    truth = np.repeat(np.arange(5), 200)
    trial = Trial('imu', '', 'unimodal', 'in_distribution', 1.0, 0)
    found = Series(5, [0], [outcome_of(trial, truth, 5, 0.5)], [list(range(1000))])
    better = Series(5, [0], [outcome_of(trial, truth, 5, 0.75)], [list(range(1000))])
    assert 0.1 < better.macro_f1[0] - found.macro_f1[0] < 0.3
