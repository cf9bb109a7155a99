# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Parts of the training: augmentation and calibration do what they say."""

from dcat_ros.training import augment
from dcat_ros.training.augment.imu import rotate, slowed
from dcat_ros.training.calibrate import (
    best_temperature,
    calibration_of,
    KNOWN_NAMED,
    LEAST_COVERAGE,
    LeftOut,
    Promise,
    WANTED_ACCURACY,
)
import numpy as np
import pytest
from scipy.special import softmax
import torch

SHAPES = {'imu': (30, 6), 'camera': (10, 2, 12, 16), 'audio': (30, 20)}
STRONG = {
    'imu': {'tempo': 0.3, 'tilt': 0.2, 'scale': 0.2, 'acceleration_noise': 0.1,
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


def left_out(temperature, people, skill=1.0):
    """Return logits of networks trained on so many people; less skilled ones are noisier."""
    logits, truth = scaled_logits(temperature)
    noise = np.random.default_rng(1).normal(size=logits.shape) * (1 - skill) * 3 * temperature
    return LeftOut((logits + noise).astype(np.float32), truth, people)


def test_calibration_mends_overconfidence():
    found = calibration_of(left_out(3.0, 5), None, 6)
    assert found.ece_before > 0.1 and found.ece_after < 0.02
    assert found.right > found.accuracy
    assert found.named >= 0.5
    assert found.promise == Promise(found.named, found.right), 'nothing to extrapolate from'


def test_a_threshold_names_the_wanted_share_if_enough_of_it_is_right():
    random = np.random.default_rng(0)
    logits = np.eye(3)[np.arange(9_000) % 3] * random.uniform(1, 12, (9_000, 1))
    truth = (softmax(logits, axis=1).cumsum(axis=1) > random.random((9_000, 1))).argmax(axis=1)
    found = calibration_of(LeftOut(logits.astype(np.float32), truth, 5), None, 6)
    assert found.named == pytest.approx(KNOWN_NAMED, abs=0.01) and found.right > 0.9


def test_a_threshold_is_higher_if_too_few_are_right_but_names_half():
    some, few = (calibration_of(left_out(1.0, 5, skill), None, 6) for skill in (1.0, 0.2))
    assert some.right == pytest.approx(WANTED_ACCURACY, abs=0.01)
    assert LEAST_COVERAGE <= some.named < KNOWN_NAMED
    assert few.named == pytest.approx(LEAST_COVERAGE, abs=0.01) and few.right < WANTED_ACCURACY


def test_the_promise_is_extrapolated_to_the_number_of_people():
    many, few = left_out(1.0, 4, 0.9), left_out(1.0, 2, 0.7)
    same, more = (calibration_of(many, few, people) for people in (4, 8))
    assert same.promise.right == pytest.approx(same.right)
    assert same.promise.named == pytest.approx(same.named)
    assert more.promise.right > more.right and more.promise.named >= more.named
    # twice as many people change the odds once more by the factor from 2 to 4 people
    scores = softmax(few.logits / more.temperature, axis=1)
    named = scores.max(axis=1) >= more.threshold
    right = (scores.argmax(axis=1) == few.truth)[named].mean()
    odds = [share / (1 - share) for share in (right, more.right, more.promise.right)]
    assert odds[2] / odds[1] == pytest.approx(odds[1] / odds[0], rel=0.01)
