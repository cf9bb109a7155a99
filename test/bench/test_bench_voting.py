# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The bench of voting: its replay answers as the engine does, and its measures count right."""

from bench.voting.__main__ import compared, measures, ROWS
from bench.voting.replay import ClipAnswers, replay
import numpy as np
import pytest
from tiny_bundles import write_bundle
from two_sensor_bag import camera_messages, imu_messages, label_messages, write

CLASSES = ['low', 'high']


@pytest.fixture
def recorded(tmp_path):
    bag = write(
        tmp_path / 'bag', imu_messages(8), camera_messages(8),
        label_messages((0, 'low'), (4, 'high'), (8, '')),
    )
    scores = {'imu': 0.9, 'camera': 0.6}
    return bag, [
        write_bundle(tmp_path / name, name, scores={'macro_f1': score, 'protocol': ''})
        for name, score in scores.items()
    ]


def test_two_sensors_answer_each_clip_and_one_where_the_other_fails(recorded):
    bag, bundles = recorded
    imu, both = replay(bag, bundles[:1], CLASSES), replay(bag, bundles, CLASSES)
    failing = replay(bag, bundles, CLASSES, 'camera')
    assert [clip.label for clip in both] == CLASSES
    assert all(len(clip.scores) > 20 for clip in (*imu, *both, *failing))
    assert not np.allclose(imu[0].scores[-5:], both[0].scores[-5:])
    assert np.allclose(both[0].scores[-5:], failing[0].scores[-5:])
    assert np.allclose(imu[1].scores[-5:], failing[1].scores[-5:])
    assert np.allclose(both[0].scores.sum(axis=1), 1)


def clip(label, *scores, named=True):
    rows = np.array(scores)
    best = [CLASSES[row.argmax()] for row in rows]
    return ClipAnswers(
        label, rows, np.full(len(rows), named), np.array([name == label for name in best]) & named
    )


def test_measures_of_clips_and_of_windows():
    clips = [
        clip('low', [0.9, 0.1], [0.4, 0.6]), clip('high', [0.2, 0.8]),
        clip('high', [0.6, 0.4], named=False),
    ]
    macro_f1, named, right = measures(clips, CLASSES)
    assert macro_f1 == pytest.approx(2 / 3)
    assert (named, right) == (0.75, pytest.approx(2 / 3))


def test_the_gain_is_over_the_better_sensor_alone():
    scores = dict(zip(ROWS, (0.8, 0.9, 0.95, 0.91), strict=True))
    rows = compared({row: [[score, 1.0, 1.0], [score + 0.01, 1.0, 1.0]]
                     for row, score in scores.items()})
    assert [row['gain'] and round(row['gain'].mean, 6) for row in rows] == [
        None, None, 0.05, 0.01
    ]
