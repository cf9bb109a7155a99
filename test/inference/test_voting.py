# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Live sensors with the same classes vote; the best one alone answers where it is alone."""

from dcat_ros.bundles import Bundle
from dcat_ros.inference import combined, Source, UNKNOWN, Vote
from dcat_ros.sensors import Sensor
import numpy as np
import pytest
from test_engine import assert_stamps_rise, EngineSimulation, SETTINGS
from tiny_bundles import write_bundle


class Wrists(EngineSimulation):
    """Two IMUs, `left` the better one, and a third sensor with other classes."""

    def __init__(self, tmp_path):
        super().__init__(tmp_path)
        self.left = self.named('left', 0.9)
        self.right = self.named('right', 0.6)
        self.other = self.named('other', 0.5, ('sit', 'stand'))

    def named(self, name, macro_f1, classes=('low', 'high')):
        directory = write_bundle(
            self.tmp_path / name, 'imu', classes, scores={'macro_f1': macro_f1, 'protocol': ''}
        )
        return Source(
            Bundle(directory), SETTINGS, lambda: self.seconds, sensor=Sensor(name, 'imu')
        )

    def enqueue(self, source, behind=0.0, value=0.0):
        source.name, name = 'imu', source.name
        super().enqueue(source, behind, self.values.get(name, value))
        source.name = name

    values = {}  # noqa: RUF012


@pytest.fixture
def wrists(tmp_path):
    found = Wrists(tmp_path)
    found.engine.set_sources([found.left, found.right, found.other], votes=True)
    return found


def vote(scores, weight, threshold=0.5, classes=('a', 'b')):
    return Vote(0, classes, np.array(scores), threshold, weight)


def test_a_vote_is_the_mean_weighted_by_the_validated_score():
    fused = combined([vote([0.9, 0.1], 0.9, 0.6), vote([0.3, 0.7], 0.3, 0.2)])
    assert fused.scores == pytest.approx([0.75, 0.25])
    assert fused.threshold == pytest.approx(0.5)
    assert [label for label, _ in fused.ranked] == ['a', 'b']


def test_classes_may_stand_in_another_order():
    fused = combined([vote([0.9, 0.1], 1.0), vote([0.2, 0.8], 1.0, classes=('b', 'a'))])
    assert fused.scores == pytest.approx([0.85, 0.15])


def test_without_validated_scores_all_count_alike():
    assert combined([vote([1.0, 0.0], 0.0), vote([0.0, 1.0], 0.0)]).scores == pytest.approx(0.5)


def test_sensors_with_the_same_classes_vote_and_others_do_not(wrists):
    wrists.values = {'left': 0.0, 'right': 9.0}
    answers = wrists.run(2.0, wrists.left, wrists.right, wrists.other)
    assert wrists.engine.active_source is wrists.left
    assert wrists.engine.voters == ['left', 'right']
    assert wrists.other not in wrists.engine.needed
    low = dict(answers[-1].hypotheses)['low']
    expected = 0.9 * wrists.left.vote.scores[0] + 0.6 * wrists.right.vote.scores[0]
    assert low == pytest.approx(expected / 1.5)
    assert wrists.engine.threshold == pytest.approx(0.6)
    assert_stamps_rise(answers)


def test_without_voting_the_active_sensor_answers_alone(wrists):
    wrists.engine.set_sources([wrists.left, wrists.right])
    wrists.values = {'left': 0.0, 'right': 9.0}
    answers = wrists.run(2.0, wrists.left, wrists.right)
    assert wrists.engine.voters == ['left']
    assert answers[-1].hypotheses == wrists.left.vote.ranked


def test_one_sensor_answers_when_it_is_the_only_one(wrists):
    answers = wrists.run(2.0, wrists.left)
    assert wrists.engine.voters == ['left']
    assert answers[-1].hypotheses == wrists.left.vote.ranked
    wrists.run(0.5, wrists.left, wrists.right)
    wrists.run(1.5, wrists.left, wrists.right)
    assert wrists.engine.voters == ['left', 'right']
    wrists.run(3.0, wrists.right)
    assert wrists.engine.active_source is wrists.right
    assert wrists.engine.voters == ['right']


def test_a_silent_voter_no_longer_votes(wrists):
    wrists.run(2.0, wrists.left, wrists.right)
    assert wrists.engine.voters == ['left', 'right']
    wrists.run(0.5, wrists.left)
    assert wrists.engine.voters == ['left']


def test_an_implausible_voter_does_not_vote(wrists):
    wrists.run(2.0, wrists.left, wrists.right)

    class Wrong:
        problem = 'gravity is missing: set the unit'

        def add(self, samples):
            pass

    wrists.right.stream.check = Wrong()
    answers = wrists.run(1.0, wrists.left, wrists.right)
    assert wrists.engine.voters == ['left']
    assert all(answer.modality == 'left' for answer in answers)


def test_a_voter_whose_logits_are_not_finite_is_left_out(wrists):
    wrists.left.bundle.run = lambda inputs: np.array([np.nan, 0.0], np.float32)
    wrists.values = {'right': 9.0}
    answers = wrists.run(2.0, wrists.left, wrists.right)
    assert wrists.engine.voters == ['right']
    assert answers[-1].hypotheses == wrists.right.vote.ranked
    wrists.right.bundle.run = wrists.left.bundle.run
    answers = wrists.run(1.0, wrists.left, wrists.right)
    assert (wrists.engine.voters, answers[-1].hypotheses[0].label) == ([], UNKNOWN)
