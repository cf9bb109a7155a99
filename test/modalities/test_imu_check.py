# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Wrong units and removed gravity are recognised, and no right recording is suspected."""

from dcat_ros.commands.import_utd_mhad import load_inertial
from dcat_ros.modalities import create, create_format, Samples
from dcat_ros.modalities.imu_check import ImuCheck
import numpy as np
from plausible_imu import AT_REST
import pytest
from repository import SHARED

START, PERIOD = 1_700_000_000_000_000_000, 20_000_000
TO_SI = np.repeat([9.80665, np.pi / 180], 3)
IN_G = np.repeat([1 / 9.80665, 1], 3)
IN_DEGREES = np.repeat([1, 180 / np.pi], 3)


def judged(values, check=None, first=0):
    check = check or ImuCheck()
    for index, value in enumerate(values, start=first):
        stamp = np.array([START + index * PERIOD], np.int64)
        check.add(Samples(stamp, np.array([value], np.float32)))
    return check


def moving(seconds=3, strength=6.0, speed=3.0):
    at = np.arange(seconds * 50)[:, None] / 50
    phase = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    return AT_REST + np.repeat([strength, speed], 3) * np.sin(9 * at + phase)


@pytest.mark.parametrize('movement', [
    np.tile(AT_REST, (150, 1)), moving(), moving(strength=25.0, speed=8.0),
], ids=['rest', 'moving', 'vigorous'])
def test_si_units_are_right_and_others_are_recognised_within_a_window(movement):
    assert judged(movement).problem == ''
    assert 'imu.acceleration_unit to g' in judged(movement[:100] * IN_G).problem
    assert 'imu.acceleration_unit to mg' in judged(movement[:100] * IN_G * 1000).problem


def test_degrees_are_recognised_when_the_limb_moves():
    problem = judged(moving()[:100] * IN_DEGREES).problem
    assert 'imu.angular_velocity_unit to deg/s' in problem
    assert judged(np.tile(AT_REST, (150, 1)) * IN_DEGREES).problem == ''


def test_removed_gravity_is_recognised_at_rest_and_remembered_in_motion():
    check = judged(moving(strength=0.2) - AT_REST)
    assert 'the driver removes gravity' in check.problem
    assert judged(moving(strength=20.0) - AT_REST, check, 150).problem
    assert judged(np.tile(AT_REST, (150, 1)), check, 300).problem == ''


def turned_twice(degrees=90.0):
    """Return samples of an IMU that is held, turned about y, held, turned back and held."""
    rate = np.radians(degrees) * np.repeat([0.0, 1.0, 0.0, -1.0, 0.0], 50)
    angle = np.cumsum(rate) / 50
    none = np.zeros_like(rate)
    gravity = 9.80665 * np.stack([-np.sin(angle), none, np.cos(angle)], axis=1)
    return np.concatenate([gravity, np.stack([none, rate, none], axis=1)], axis=1)


@pytest.mark.parametrize(('rates', 'text'), [
    ([3, 4, 5], ''),
    ([5, 3, 4], 'another order or sense'),
    ([4, 3, 5], 'another order or sense'),
])
def test_axes_in_another_order_are_recognised_when_the_imu_was_turned(rates, text):
    samples = turned_twice()[:, [0, 1, 2, *rates]]
    assert text in judged(samples).problem and bool(judged(samples).problem) == bool(text)
    assert judged(samples[:100]).problem == ''


def test_degrees_are_recognised_when_the_imu_was_turned_slowly():
    assert judged(turned_twice(8.0)).problem == ''
    assert 'angular_velocity_unit to deg/s' in judged(turned_twice(8.0) * IN_DEGREES).problem


def test_a_turn_of_which_samples_are_lost_is_not_judged():
    lost = np.delete(np.arange(250), np.r_[60:90, 160:190])
    check = ImuCheck()
    for index in lost:
        stamp = np.array([START + index * PERIOD], np.int64)
        check.add(Samples(stamp, turned_twice()[index:index + 1].astype(np.float32)))
    assert check.problem == ''


def test_a_corrected_unit_ends_the_problem():
    check = judged(moving() * IN_G)
    assert check.problem
    assert judged(moving(), check, 150).problem == ''


def test_a_short_fall_is_no_removed_gravity():
    falling = np.concatenate([moving(), np.zeros((15, 6)), moving()])
    assert judged(falling).problem == ''


def test_the_format_of_a_driver_is_converted():
    decoder = create('imu', {}).decoder(create_format('imu', {
        'acceleration_unit': 'g', 'angular_velocity_unit': 'deg/s', 'mounting': [0, 0, 90],
    }))
    from dcat_ros.bags import messages
    sample = decoder.decode(messages.imu(START, 'wrist', np.array([1.0, 0, 0, 0, 180.0, 0])))
    # turned by 90° about z, the sensor's x axis is the limb's y axis
    expected = [[0, 9.80665, 0, -np.pi, 0, 0]]
    np.testing.assert_allclose(sample.values, expected, atol=1e-5)


@pytest.mark.parametrize(('settings', 'text'), [
    ({'acceleration_unit': 'ft'}, 'imu.acceleration_unit is "ft", expected m/s'),
    ({'mounting': [0, 90]}, 'imu.mounting is .*expected roll, pitch and yaw'),
    ({'unit': 'g'}, 'sensor of imu has no "unit"'),
])
def test_an_unknown_format_is_refused(settings, text):
    with pytest.raises(ValueError, match=text):
        create_format('imu', settings)


@pytest.mark.skipif(not (SHARED / 'data').is_dir(), reason='needs recordings in ../shared/data')
def test_no_real_clip_is_suspected_and_each_in_g_is():
    clips = sorted((SHARED / 'data').glob('*/Inertial/*.mat'))[::20]
    assert len(clips) > 30
    for clip in clips:
        values = load_inertial(clip) * TO_SI
        assert judged(values).problem == '', clip.name
        assert judged(values * IN_G * IN_DEGREES).problem or len(values) < 60, clip.name


@pytest.mark.skipif(not (SHARED / 'data').is_dir(), reason='needs recordings in ../shared/data')
def test_real_turns_agree_with_gravity_and_other_axes_do_not():
    right, wrong = ImuCheck(), ImuCheck()
    for number, clip in enumerate(sorted((SHARED / 'data/demo_person/Inertial').glob('*.mat'))):
        values = load_inertial(clip) * TO_SI
        judged(values, right, 1000 * number)
        assert right.problem == '', clip.name
        judged(values[:, [0, 1, 2, 4, 5, 3]], wrong, 1000 * number)
    assert 'another order or sense' in wrong.problem
