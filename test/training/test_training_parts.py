# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Parts of the training: augmentation and calibration do what they say."""

from dcat_ros.training import augment
from dcat_ros.training.augment.imu import rotate, slowed
from dcat_ros.training.calibrate import (
    best_temperature,
    best_threshold,
    calibration_of,
    LEAST_THRESHOLD,
)
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from scipy.special import softmax
import torch

SHAPES = {'imu': (30, 6), 'camera': (10, 2, 12, 16), 'audio': (30, 20)}
STRONG = {
    'imu': {'tempo': 0.3, 'roll': 1.0, 'tilt': 0.2, 'scale': 0.2, 'acceleration_noise': 0.1,
            'angular_velocity_noise': 0.1},
    'camera': {'tempo': 0.2, 'shift_time': 0.1, 'bend': 0.1, 'rotation': 0.2, 'scale': 0.2,
               'aspect': 0.1, 'shear': 0.1, 'shift': 0.1, 'contrast': 0.2, 'nearness_gain': 0.2,
               'nearness_offset': 0.1, 'noise': 0.1, 'erase': 0.5},
    'audio': {'gain': 0.3, 'tone': 0.2, 'shift': 0.2, 'noise': 0.1, 'mask_time': 0.3,
              'mask_bands': 0.3},
}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def windows(modality, count=8):
    return torch.randn(count, *SHAPES[modality], generator=generator(1))


@pytest.mark.parametrize('modality', SHAPES)
def test_no_strength_changes_nothing(modality):
    x = windows(modality)
    same = augment.create(modality, {})(x, generator())
    torch.testing.assert_close(same, x, rtol=0, atol=1e-5)


@pytest.mark.parametrize('modality', SHAPES)
def test_strength_changes_every_window_as_the_seed_tells(modality):
    x = windows(modality)
    strong = augment.create(modality, STRONG[modality])
    one, same, other = (strong(x, generator(s)) for s in (0, 0, 1))
    assert torch.equal(one, same) and not torch.equal(one, other)
    assert torch.isfinite(one).all()
    assert ((one - x).abs().flatten(1).amax(dim=1) > 0.01).all()
    assert one.shape == x.shape


@pytest.mark.parametrize('effect', [
    (modality, name) for modality, names in STRONG.items() for name in names
], ids='.'.join)
def test_each_strength_has_an_effect(effect):
    modality, name = effect
    x = windows(modality)
    alone = augment.create(modality, {name: STRONG[modality][name]})
    assert (alone(x, generator()) - x).abs().max() > 0.01


def test_a_camera_has_more_noise_in_one_window_than_in_another_and_hardly_any_in_some():
    still = torch.zeros(200, *SHAPES['camera'])
    level = augment.create('camera', {'noise': 0.1})(still, generator()).flatten(1).std(dim=1)
    assert level.min() < 0.005 and level.max() > 0.09
    assert abs(level.mean() - 0.05) < 0.01


@pytest.mark.parametrize('modality', ['camera', 'audio'])
def test_idle_windows_hold_one_of_their_frames(modality):
    x = windows(modality)
    idle = augment.create(modality, {}).idle(x, generator())
    assert torch.equal(idle, idle[:, :1].expand_as(idle))
    held = [any(torch.equal(frame, one[0]) for frame in whole)
            for whole, one in zip(x, idle, strict=True)]
    assert held == ([False, True] * 4 if modality == 'camera' else [True] * 8)
    assert not idle[~torch.tensor(held)].any()


def test_an_idle_imu_feels_gravity_alone_and_from_anywhere():
    x = torch.zeros(500, 30, 6)
    x[:, :, 0], x[:, :, 3:] = 1.0, 4.0
    idle = augment.create('imu', {}).idle(x, generator())
    torch.testing.assert_close(idle[:, :, :3].norm(dim=2), torch.ones(500, 30))
    assert not idle[:, :, 3:].any()
    assert idle[:, 0, :3].mean(dim=0).abs().max() < 0.1
    noisy = augment.create('imu', STRONG['imu']).idle(x, generator())
    assert 0.01 < noisy.std(dim=1).mean() < 0.1


def test_rotation_is_one_turn_of_both_quantities():
    x = windows('imu')
    turned = rotate(x, 1.0, 0.2, generator())
    for part in (slice(0, 3), slice(3, 6)):
        torch.testing.assert_close(turned[..., part].norm(dim=2), x[..., part].norm(dim=2))
    dot = (x[..., :3] * x[..., 3:]).sum(dim=2)
    torch.testing.assert_close((turned[..., :3] * turned[..., 3:]).sum(dim=2), dot)


def test_roll_alone_keeps_the_limbs_axis():
    x = windows('imu')
    torch.testing.assert_close(rotate(x, 1.0, 0.0, generator())[..., [0, 3]], x[..., [0, 3]])


def test_tempo_slows_every_other_window_and_scales_angular_velocity():
    ramp = torch.arange(60.0)[None, :, None].repeat(64, 1, 6)
    ramp[:, :, 3:] = 1.0
    cut = slowed(ramp, 0.5, generator())
    speed = (cut[:, -1, 0] - cut[:, 0, 0]) / 59
    assert 0.66 < speed.min() < 0.8 and speed.max() == 1
    assert 10 < (speed == 1).sum() < 54
    assert cut[:, :, 0].min() >= 0 and cut[:, :, 0].max() <= 59
    torch.testing.assert_close(cut[:, 0, 3], speed)


def scaled_logits(temperature, count=20_000, classes=5):
    random = np.random.default_rng(0)
    logits = 2 * random.normal(size=(count, classes))
    truth = (softmax(logits, axis=1).cumsum(axis=1) > random.random((count, 1))).argmax(axis=1)
    return (logits * temperature).astype(np.float32), truth


@pytest.mark.parametrize('temperature', [0.4, 1.0, 3.0])
def test_temperature_is_found_again(temperature):
    logits, truth = scaled_logits(temperature)
    assert best_temperature(logits, truth) == pytest.approx(temperature, rel=0.05)


def test_calibration_mends_overconfidence():
    found = calibration_of(*scaled_logits(3.0))
    assert found.ece_before > 0.1 and found.ece_after < 0.02
    assert found.accepted_accuracy > found.accuracy
    assert found.coverage >= 0.5


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60))
def test_threshold_is_the_smallest_that_is_right_often_enough(rows):
    top = np.array([score / 20 for score, _ in rows])
    right = np.array([is_right for _, is_right in rows])
    threshold = best_threshold(top, right)
    assert threshold == LEAST_THRESHOLD or (top >= threshold).mean() >= 0.5
    for lower in sorted(set(top)):
        if LEAST_THRESHOLD <= lower < threshold:
            assert right[top >= lower].mean() < 0.9
