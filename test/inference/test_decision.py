# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The past keeps an activity, but does not hide a new one."""

from dcat_ros.inference.decision import Decision, ranked
import numpy as np
import pytest


def scored(*scores):
    """Return the logits of two classes whose softmax gives the first these scores."""
    return [np.log([score, 1 - score]).astype(np.float32) for score in scores]


def first(decision, logits):
    return [ranked(decision.vote(each))[0] for each in logits]


def test_a_new_activity_is_named_as_soon_as_its_window_is_certain():
    decision = Decision(['wave', 'rest'], 1.0, 0.8, smoothing=0.5)
    answers = first(decision, scored(0.5, 0.9))
    assert [answer.label for answer in answers] == ['unknown', 'wave']
    assert answers[1].score == pytest.approx(0.9)


def test_a_known_activity_is_kept_through_one_uncertain_window():
    decision = Decision(['wave', 'rest'], 1.0, 0.8, smoothing=0.5)
    answers = first(decision, scored(0.95, 0.7, 0.7, 0.7))
    assert [answer.label for answer in answers] == ['wave', 'wave', 'unknown', 'unknown']
    assert answers[1].score == pytest.approx(0.825)


def test_without_smoothing_each_window_decides_alone():
    decision = Decision(['wave', 'rest'], 1.0, 0.8, smoothing=0.0)
    answers = first(decision, scored(0.9, 0.7, 0.9))
    assert [answer.label for answer in answers] == ['wave', 'unknown', 'wave']
