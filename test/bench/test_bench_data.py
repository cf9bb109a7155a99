# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""bench/data times the same windows; bench/data and bench/scale check their targets."""

from bench.data.bags import RECIPES, write_bag
from bench.data.results import Reading, Result, Training
from bench.data.rosbag_windows import RosbagWindows
from bench.data.training import BatchTime, Step, steps_of, TimedLoader
from bench.scale.results import targets_of, Trial
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import load
from dcat_ros.training.progress import SilentReporter
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader


@pytest.mark.parametrize('sensor', RECIPES)
def test_the_hand_written_windows_are_those_of_training(sensor, tmp_path):
    bag, config = tmp_path / 'sim1000', Config.read(RECIPES[sensor])
    write_bag(sensor, bag, 1000, 25.0)
    data = load([bag], config, tmp_path / 'cache', SilentReporter())
    hand_written = list(RosbagWindows([bag], config, data.classes))
    expected = data.dense.inputs(range(len(data.dense)))
    np.testing.assert_array_equal(torch.stack([inputs for inputs, _ in hand_written]), expected)
    clips = data.dense.clips
    assert [number for _, number in hand_written] == [
        int(data.targets[clip]) if clip >= 0 else -1 for clip in clips
    ]
    assert -1 in clips
    assert len(data.classes) > 1


def test_a_step_lasts_to_the_next_batch_and_never_over_a_checkpoint():
    passes = [
        [BatchTime(0, 1), BatchTime(10, 12), BatchTime(20, 23)],
        [BatchTime(90, 91)],
        [BatchTime(100, 104), BatchTime(110, 111)],
    ]
    assert steps_of(passes, 0) == [Step(1, 10), Step(2, 10), Step(4, 10)]
    assert steps_of(passes, 1) == [Step(2, 10), Step(4, 10)]


def test_a_timed_loader_gives_the_batches_of_the_loader_in_each_pass():
    times = []
    loader = TimedLoader(DataLoader(range(6), batch_size=2), times)
    passes = [[batch.tolist() for batch in loader] for _ in range(2)]
    assert passes == 2 * [[[0, 1], [2, 3], [4, 5]]]
    assert [len(batches) for batches in times] == [3, 3]
    moments = [time for batches in times for batch in batches for time in batch]
    assert moments == sorted(moments)


def result(waited=0.5, cached=0.1, together=5.0):
    reading = Reading(
        built=200, building=4.5, windows=100, drawn_windows=128, bag_bytes=1, cache_bytes=1,
        hand_written=[1.0, 1.0, 9.0], cached=[cached, cached, cached], drawn=[1.0, 1.0, 1.0],
    )
    fits = {1: [Training(50, waited, 10.0)] * 3, 2: [Training(50, 0.0, together)] * 3}
    return Result('imu', 'imu', 64, reading, fits)


def test_each_target_of_the_data_is_missed_alone():
    assert [target.met for target in result().targets] == [True, True, True]
    assert [target.met for target in result(waited=1.0).targets] == [False, True, True]
    assert [target.met for target in result(cached=0.11).targets] == [True, False, True]
    assert [target.met for target in result(together=7.0).targets] == [True, True, False]


def test_the_first_reading_is_paid_back_by_what_each_pass_spares():
    assert result().reading.paid_back == pytest.approx(5.0)
    assert result(cached=1.0).reading.paid_back == float('inf')


def trial(minutes, seconds, peak, mapped=0):
    return Trial('report', minutes, seconds, 90, peak, mapped, 1)


def met(*trials):
    return [target.met for target in targets_of(trials)]


def test_memory_and_time_may_grow_with_the_bag_only_so_far():
    short, middle = trial(1, 3.0, 100), trial(10, 10.0, 110)
    assert met(short, middle, trial(60, 75.0, 125)) == [True, True]
    assert met(short, middle, trial(60, 60.0, 126)) == [False, True]
    assert met(short, middle, trial(60, 76.0, 100)) == [True, False]
    assert met(short, middle, trial(60, 60.0, 900, mapped=800))[0]
