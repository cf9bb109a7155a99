# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Negatives are what their names say, for every modality."""

from dataclasses import replace
from pathlib import Path

from dcat_ros.training import augment
from dcat_ros.training.config import Config, Negatives
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.negatives import NegativeWindows
from dcat_ros.training.negatives.audio import AudioNegatives
from dcat_ros.training.negatives.camera import CameraNegatives
from dcat_ros.training.negatives.imu import end_for_end, ImuNegatives
from dcat_ros.training.negatives.recorded import load_negatives, negative_bags
from dcat_ros.training.negatives.skeleton import SkeletonNegatives
from dcat_ros.training.network import build
from dcat_ros.training.progress import SilentReporter
import pytest
from repository import ROOT
import torch

SHAPES = {'imu': (100, 6), 'camera': (20, 2, 24, 20), 'audio': (99, 40), 'skeleton': (40, 91)}
KINDS = {
    'imu': ImuNegatives, 'camera': CameraNegatives, 'audio': AudioNegatives,
    'skeleton': SkeletonNegatives,
}


def windows(modality, count=8):
    return torch.randn(count, *SHAPES[modality], generator=torch.Generator().manual_seed(1))


def negatives(modality, **strengths):
    return KINDS[modality](augment.create(modality, strengths))


def generator():
    return torch.Generator().manual_seed(2)


@pytest.mark.parametrize('modality', SHAPES)
@pytest.mark.parametrize('kind', Negatives().shares)
def test_every_kind_keeps_the_shape_and_is_reproducible(modality, kind):
    x = windows(modality)
    if not hasattr(negatives(modality), kind):
        pytest.skip('not known for this modality')
    found = getattr(negatives(modality), kind)(x, generator())
    assert found.shape == x.shape and torch.isfinite(found).all()
    assert torch.equal(found, getattr(negatives(modality), kind)(x, generator()))
    assert modality != 'imu' or kind == 'recorded' or not torch.equal(found, x)


@pytest.mark.parametrize('modality', ['camera', 'audio'])
def test_rest_holds_one_frame_of_each_window(modality):
    x = windows(modality)
    rest = negatives(modality).rest(x, generator())
    assert torch.equal(rest, rest[:, :1].expand_as(rest))
    held = [any(torch.equal(frame, one[0]) for frame in whole)
            for whole, one in zip(x, rest, strict=True)]
    assert held == ([False, True] * 4 if modality == 'camera' else [True] * 8)
    assert not rest[~torch.tensor(held)].any()


def test_a_resting_imu_feels_gravity_alone_and_from_anywhere():
    x = torch.zeros(500, 30, 6)
    x[:, :, 0], x[:, :, 3:] = 1.0, 4.0
    rest = negatives('imu').rest(x, generator())
    torch.testing.assert_close(rest[:, :, :3].norm(dim=2), torch.ones(500, 30))
    assert not rest[:, :, 3:].any()
    assert rest[:, 0, :3].mean(dim=0).abs().max() < 0.1
    noise = {'acceleration_noise': 0.2, 'angular_velocity_noise': 0.2}
    assert 0.01 < negatives('imu', **noise).rest(x, generator()).std(dim=1).mean() < 0.2


def test_gravity_turns_as_the_angular_velocity_of_smooth_movement_says():
    found = negatives('imu').smooth(windows('imu', 400), generator())
    gravity, rate = found[:, :, :3], found[:, :, 3:] * 5.0
    speed = found[:, :, 3:].square().mean(dim=(1, 2)).sqrt()
    assert speed.max() / speed.min() > 20, 'slow and fast movement'
    change = (gravity[:, 1:] - gravity[:, :-1]) * 50.0
    expected = -torch.linalg.cross(rate[:, 1:], gravity[:, :-1])
    calm = (gravity.norm(dim=2) - 1).abs().amax(dim=1) < 0.05  # hardly accelerated
    error = (change - expected)[calm].square().mean().sqrt()
    assert calm.sum() > 10 and error < 0.5 * expected[calm].square().mean().sqrt()


def test_a_reversed_strap_is_a_half_turn_about_z_and_any_roll():
    x = windows('imu')
    assert torch.equal(end_for_end(end_for_end(x)), x)
    along = negatives('imu').remounted(x, generator())[:, :, 0]
    assert torch.corrcoef(torch.stack([along.flatten(), x[:, :, 0].flatten()]))[0, 1] < -0.9


def test_wrong_drivers_remove_gravity_or_report_other_axes():
    x = windows('imu')
    x[:, :, :3] += torch.tensor([0.0, 0.0, 20.0])
    found = negatives('imu').misreported(x, generator())
    assert found[::2, :, :3].mean(dim=1).norm(dim=1).max() < 2
    assert torch.equal(found[::2, :, 3:], x[::2, :, 3:])
    assert torch.equal(found[1::2, :, :3], x[1::2, :, :3])
    torch.testing.assert_close(found[:, :, 3:].norm(dim=2), x[:, :, 3:].norm(dim=2))
    assert torch.equal(found[3::4, :, 3:], -x[3::4, :, 3:])


def test_a_splice_begins_as_one_window_and_ends_as_another():
    x = windows('camera')
    spliced = negatives('camera').spliced(x, generator())
    torch.testing.assert_close(spliced[:, 0], x[:, 0], atol=0.02, rtol=0)
    torch.testing.assert_close(spliced[:, -1], x.roll(1, dims=0)[:, -1], atol=0.02, rtol=0)


def test_backwards_a_rotation_has_the_other_sense():
    x = windows('imu')
    back = negatives('imu').reversed(x, generator())
    assert torch.equal(back[:, 0, :3], x[:, -1, :3])
    assert torch.equal(back[:, 0, 3:], -x[:, -1, 3:])


def test_a_sensor_of_another_kind_has_what_clips_alone_allow():
    still = augment.create('points', {})
    clips = NegativeWindows('points', Negatives(rest=0.5, spliced=0.5), 4, still, None)
    assert clips.draw(windows('camera'), generator()).shape == (4, *SHAPES['camera'])
    with pytest.raises(TrainingError, match='smooth is not known for points: set it to 0'):
        NegativeWindows('points', Negatives(smooth=0.5), 4, still, None)


@pytest.mark.parametrize(('settings', 'text'), [
    ({'rest': -0.1}, 'negatives.rest is -0.1, expected 0 to 4'),
    ({'recorded': 0.2}, 'negatives.bags names no bags'),
])
def test_settings_out_of_range_are_refused(settings, text):
    with pytest.raises(TrainingError, match=text):
        Negatives(**settings)


def test_the_shipped_set_has_strangers_for_training_and_for_the_test(tmp_path):
    recipe = Config.read('imu_utd_mhad')
    bags = [bag for bag in negative_bags(recipe) if bag.name[-2:] in ('01', '07')]
    few = replace(recipe, negatives=replace(
        recipe.negatives, bags=[str(bag) for bag in bags], test=['s07']
    ))
    found = load_negatives(few, tmp_path, SilentReporter())
    assert (found.trained, found.tested) == (['s01'], ['s07'])
    assert len(found.rows(['s01'])) > 500
    assert frozenset({'walk'}) in found.labels
    acceleration = found.dense.inputs(found.rows(['s01']))[:, :, :3]
    assert 0.9 < (acceleration ** 2).sum(axis=2).mean() ** 0.5 < 1.2, 'in units of gravity'


def test_an_unknown_set_is_refused():
    recipe = Config.read('imu_utd_mhad')
    other = replace(recipe, negatives=replace(recipe.negatives, bags=['nobody']))
    with pytest.raises(TrainingError, match=r'"nobody".*the shipped sets are everyday_imu'):
        negative_bags(other)
    assert all(isinstance(bag, Path) for bag in negative_bags(recipe))


def test_a_camera_with_pose_is_trained_as_skeletons_are():
    recipe = Config.read(str(ROOT / 'config' / 'train' / 'pose.yaml'))
    assert recipe.features_of == 'skeleton'
    found = torch.randn(8, 30, 91)
    augmentation = augment.create(recipe.features_of, recipe.augment)
    assert augmentation(found, generator()).shape == found.shape
    made = NegativeWindows(
        recipe.features_of, recipe.negatives, recipe.fit.batch, augmentation, None
    ).draw(found, generator())
    assert made.shape == (3 + 5 + 5 + 2, 30, 91)
    network = build(recipe, (30, 91), 5).eval()
    assert network(found).logits.shape == (8, 5)
