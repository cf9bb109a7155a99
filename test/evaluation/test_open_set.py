# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The measures on known and unknown movement, by hand and with real fits."""

from dcat_ros.bags.writer import BagWriter, write_clips
from dcat_ros.evaluation.open_set import (
    auroc,
    can_leave_out,
    classes_left_out,
    Named,
    open_set_windows,
    OpenSetWindows,
)
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import find_bags, load
from dcat_ros.training.fit_runner import FitRunner, RecipeData
from dcat_ros.training.hardware import Hardware
from dcat_ros.training.negatives.recorded import load_negatives
from dcat_ros.training.plan import Plan
from dcat_ros.training.progress import SilentReporter
from imu_training_bags import clip, RHYTHMS, START, write_config
import numpy as np
import pytest

LABELS = [*RHYTHMS, 'shake'][:4]


def named(scores, right):
    return Named(np.array(scores), np.array(right, bool))


def test_measures_by_hand():
    windows = OpenSetWindows(
        named([0.9, 0.8, 0.7, 0.2], [1, 1, 0, 1]), np.array(['2', '2', '4', '4']),
        named([0.75, 0.1], [0, 0]), {'rest': named([0.1, 0.1], [0, 0])},
    )
    found = windows.measures(0.5)
    assert found['known_named'] == 0.75 and found['known_right'] == pytest.approx(2 / 3)
    assert found['strangers_named_wrongly'] == 0.5 and found['rest_named'] == 0
    assert found['strangers_auroc'] == pytest.approx(6 / 8)  # of eight pairs, six are in order
    assert windows.right_by_person(0.5) == {'2': 1.0, '4': 0.0}
    assert windows.known.by_coverage(0.5) == pytest.approx(0.75)
    assert auroc(np.array([0.9, 0.8]), np.array([0.1])) == 1.0


@pytest.fixture(scope='module')
def runner(tmp_path_factory):
    """Return a runner with four activities by three people, and negatives by two others."""
    folder = tmp_path_factory.mktemp('open_set')
    for subject in ('ada', 'ben', 'cleo'):
        with BagWriter(folder / 'bags' / subject, {'subject': subject}) as writer:
            write_clips(writer, [
                clip(label, subject, number) for label in LABELS for number in range(3)
            ], START)
    for subject in ('x1', 'x2'):
        with BagWriter(folder / 'others' / subject, {'subject': subject}) as writer:
            write_clips(writer, [
                clip(label, subject, number) for label in (LABELS[0], 'wobble')
                for number in range(2)
            ], START)
    negatives = {'bags': [str(folder / 'others')], 'recorded': 0.3, 'rest': 0.2}
    recipe = Config.read(write_config(
        folder / 'target.yaml', name='target', negatives=negatives, classes=LABELS,
    ))
    cache = folder / 'cache'
    data = load(find_bags([folder / 'bags']), recipe, cache, SilentReporter())
    found = load_negatives(recipe, cache, SilentReporter())
    recipes = {'target': RecipeData(recipe, data, {}, found)}
    return FitRunner(recipes, 'time', folder / 'work', Hardware('cpu'), SilentReporter()), recipe


def test_a_network_is_measured_on_every_kind_of_window(runner):
    fits, recipe = runner
    data, negatives = fits.data('target'), fits.negatives('target')
    assert (negatives.trained, negatives.tested) == (['x1'], ['x2'])
    plan = Plan('target', tuple(data.clips_of(['ada', 'ben'])), negatives=('x1',), budget=0.3)
    network = fits.fit(plan, 'fit').network
    test = data.clips_of(['cleo'])
    windows = open_set_windows(network, recipe, data, test, negatives)
    assert len(windows.known.score) == len(data.live.of(test))
    assert set(windows.generated) == {'rest', 'smooth', 'remounted', 'misreported'}
    assert windows.strangers.right.any(), 'naming what a stranger does is right'
    assert not windows.strangers.right.all()
    again = open_set_windows(network, recipe, data, test, negatives)
    assert again.measures(0.5) == windows.measures(0.5)


def test_classes_are_left_out_in_turn(runner):
    fits, _ = runner
    data = fits.data('target')
    assert can_leave_out(data)
    plan = Plan('target', tuple(data.clips_of(['ada', 'ben'])), negatives=('x1',), budget=0.3)
    found = classes_left_out(fits, plan, data.clips_of(['cleo']))
    assert set(found) == {'left_out_auroc', 'left_out_named'}
    assert all(0 <= value <= 1 for value in found.values())
