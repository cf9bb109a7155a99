# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A bag in g: the report says so, training refuses it, and a recipe converts it."""

from dataclasses import replace

from dcat_ros.bags.writer import BagWriter, write_clips
from dcat_ros.modalities import create, create_format
from dcat_ros.reports.build import build_report
from dcat_ros.reports.verdict import judge
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import find_bags, load
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.progress import SilentReporter
from imu_training_bags import clip, RHYTHMS, START, write_config
import numpy as np
import pytest

IN_G = 1 / 9.80665


def write(path, subject, factor):
    with BagWriter(path, {'subject': subject}) as writer:
        write_clips(writer, [
            clip(label, subject, number, seconds=4.0, damage=factor)
            for label in RHYTHMS for number in range(2)
        ], START)
    return path


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('units')
    write(folder / 'si' / 'ada', 'ada', 1.0)
    write(folder / 'g' / 'ada', 'ada', np.array([IN_G] * 3 + [1.0] * 3))
    write_config(folder / 'recipe.yaml')
    return folder


def test_the_report_says_that_a_bag_in_g_is_not_fit(folder):
    verdict = judge(build_report(folder / 'g' / 'ada'))
    assert not verdict.fit
    (finding,) = verdict.findings
    assert finding.what.startswith('/imu/data: acceleration has a magnitude of')
    assert 'set imu.acceleration_unit to g' in finding.remedy
    assert judge(build_report(folder / 'si' / 'ada')).fit


def test_training_refuses_a_bag_in_g_until_the_recipe_names_the_unit(folder):
    recipe = Config.read(str(folder / 'recipe.yaml'))
    bags = find_bags([folder / 'g'])
    with pytest.raises(TrainingError, match=r'ada is not fit for training, imu: .*unit to g'):
        load(bags, recipe, folder / 'cache', SilentReporter())
    converted = load(
        bags, replace(recipe, sensor={'acceleration_unit': 'g'}), folder / 'cache',
        SilentReporter(),
    )
    right = load(find_bags([folder / 'si']), recipe, folder / 'other', SilentReporter())
    assert len(converted.live) == len(right.live) > 20
    rows = range(len(right.live))
    np.testing.assert_allclose(
        converted.live.inputs(rows), right.live.inputs(rows), atol=1e-4
    )


def test_the_same_bytes_give_the_same_sample_live_and_from_a_bag():
    settings = {'acceleration_unit': 'g', 'mounting': [10, 20, 30]}
    live, recorded = (
        create('imu', {}).decoder(create_format('imu', settings)) for _ in range(2)
    )
    from dcat_ros.bags import messages
    message = messages.imu(START, 'wrist', np.arange(6.0))
    assert live.decode(message).values.tobytes() == recorded.decode(message).values.tobytes()
