# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A fit gives one network for one seed, also after an interruption, and keeps what was good."""

from dataclasses import replace

from dcat_ros.training.config import Config
from dcat_ros.training.dataset import find_bags, load
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.fit import CHECKPOINT, CURVE, fit, FitSpec, WEIGHTS
from dcat_ros.training.hardware import Hardware
from dcat_ros.training.progress import SilentReporter
from dcat_ros.training.sampling import sampling_units
from dcat_ros.training.score import predicted_classes, scores_of
from dcat_ros.training.windows import Windows
from imu_training_bags import three_subjects, write_config
import numpy as np
import pytest
import torch


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    return Config.read(write_config(tmp_path_factory.mktemp('config') / 'tiny.yaml'))


@pytest.fixture(scope='module')
def data(config, tmp_path_factory):
    bags = find_bags([three_subjects(tmp_path_factory.mktemp('bags'))])
    return load(bags, config, tmp_path_factory.mktemp('cache'), SilentReporter())


def weights(network):
    return torch.cat([value.flatten().double() for value in network.state_dict().values()])


def fitted(data, config, place, seed=0, steps=8, **changes):
    units = sampling_units(data, data.clips_of(['ada', 'ben']))
    spec = FitSpec(units, steps, seed, **changes)
    return fit(data, config, spec, place, Hardware('cpu'), SilentReporter(), '')


def test_one_seed_gives_one_network(data, config, tmp_path):
    one, same, other = (
        fitted(data, config, tmp_path / name, seed).network
        for name, seed in (('one', 0), ('same', 0), ('other', 1))
    )
    assert torch.equal(weights(one), weights(same))
    assert not torch.equal(weights(one), weights(other))


@pytest.mark.parametrize(('steps', 'warm_up'), [(4, 0.0), (4, 0.9), (30, 0.1)])
def test_short_trainings_work(data, config, steps, warm_up, tmp_path):
    short = replace(config, fit=replace(config.fit, warm_up=warm_up))
    assert weights(fitted(data, short, tmp_path, steps=steps).network).isfinite().all()


def test_a_training_that_was_cut_short_goes_on_as_if_it_had_not_been(data, config, tmp_path):
    class Impatient(SilentReporter):
        done = 0

        def advance(self, number, count, is_planned):
            self.done += count
            if self.done == 60:
                raise InterruptedError

    whole = fitted(data, config, tmp_path / 'whole', steps=80)
    spec = FitSpec(sampling_units(data, data.clips_of(['ada', 'ben'])), 80, 0)
    place = tmp_path / 'cut'
    with pytest.raises(InterruptedError):
        fit(data, config, spec, place, Hardware('cpu'), Impatient(), '')
    assert (place / CHECKPOINT).exists() and not (place / WEIGHTS).exists()
    resumed = fit(data, config, spec, place, Hardware('cpu'), SilentReporter(), '')
    assert torch.equal(weights(whole.network), weights(resumed.network))
    assert resumed.curve == whole.curve and len(whole.curve) == 8
    left = {path.name for path in place.iterdir()}
    assert left == {WEIGHTS, CURVE, 'log'}


def test_a_loss_that_is_not_finite_stops_the_training_and_keeps_what_was_good(
    data, config, tmp_path
):
    damaged = replace(data, dense=Damaged(data.dense))
    place = tmp_path / 'fit'
    with pytest.raises(TrainingError, match='the loss is nan at step'):
        fitted(damaged, config, place, steps=80)
    kept = torch.load(place / CHECKPOINT, weights_only=False)
    assert kept['global_step'] in (25, 50)
    assert all(value.isfinite().all() for value in kept['state_dict'].values())


class Damaged:
    """Windows of which some, late enough, are not numbers."""

    def __init__(self, windows):
        self._windows, self._asked = windows, 0

    def __getattr__(self, name):
        return getattr(self._windows, name)

    def inputs(self, rows):
        self._asked += 1
        return self._windows.inputs(rows) * (np.nan if self._asked > 60 else 1)


def test_validation_is_scored_on_the_way_and_teaches_nothing(data, config, tmp_path):
    watched = fitted(data, config, tmp_path / 'a', steps=60,
                     validation=tuple(data.clips_of(['cleo'])))
    alone = fitted(data, config, tmp_path / 'b', steps=60)
    assert torch.equal(weights(watched.network), weights(alone.network))
    scored = [point for point in watched.curve if 'macro_f1' in point]
    assert [point['step'] for point in scored] == [25, 50, 60]
    assert all(0 <= point['macro_f1'] <= 1 for point in scored)


def test_a_clip_without_window_counts_as_missed(data, config, tmp_path):
    network = fitted(data, config, tmp_path).network
    clips = data.clips_of(['cleo'])
    whole = predicted_classes(scores_of(network, data, clips).clips)
    gone = np.where(data.live.clips == clips[0], -1, data.live.clips)
    lost = replace(data, live=Without(data.live, gone))
    assert predicted_classes(scores_of(network, lost, clips).clips).tolist() == [-1, *whole[1:]]


class Without(Windows):
    """Windows of which some belong to no clip."""

    def __init__(self, windows, clips):
        self._windows, self.clips = windows, clips

    def inputs(self, rows):
        return self._windows.inputs(rows)
