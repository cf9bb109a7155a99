# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Inertial samples: what is decoded, what is refused, and how they are resampled."""

from dataclasses import replace

from dcat_ros.bags import messages
from dcat_ros.modalities import create, DecodeError, Samples
from dcat_ros.windows import Stream, WindowSpec
import numpy as np
import pytest

START = 1_700_000_000_123_456_789
SAMPLE = np.array([1.5, -2.5, 9.75, 0.25, -0.5, 3.0])
SPEC = WindowSpec(duration=2.0, rate=50.0, stride=0.5, max_gap=0.2)
ROUNDING = 1e-5

imu = create('imu', {})


def ramp(stamps):
    """Six different straight lines, which linear interpolation reproduces."""
    seconds = (np.asarray(stamps, np.int64) - START) / 1e9
    return Samples(
        np.asarray(stamps, np.int64), (seconds[:, None] * np.arange(1, 7)).astype(np.float32)
    )


def vibration(hertz, rate, duration=4.0):
    stamps = START + np.rint(np.arange(round(duration * rate)) * (1e9 / rate)).astype(np.int64)
    wave = np.sin(2 * np.pi * hertz * (stamps - START) / 1e9).astype(np.float32)
    return Samples(stamps, np.repeat(wave[:, None], 6, axis=1))


def last_window(samples):
    return imu.resample(samples, int(samples.stamps[-1]), SPEC.rate, SPEC.size)


def test_channels_are_acceleration_then_angular_velocity():
    stamps, values = imu.decoder().decode(messages.imu(START, 'wrist', SAMPLE))
    assert stamps.tolist() == [START]
    assert values.dtype == np.float32
    assert values.tolist() == [SAMPLE.tolist()]


@pytest.mark.parametrize('field', ['linear_acceleration', 'angular_velocity'])
def test_a_quantity_that_is_not_reported_is_refused_by_name(field):
    message = messages.imu(START, 'wrist', SAMPLE)
    message = replace(message, **{f'{field}_covariance': messages.NOT_REPORTED})
    with pytest.raises(DecodeError, match=field):
        imu.decoder().decode(message)


def test_unstamped_messages_are_refused():
    with pytest.raises(DecodeError, match=r'header\.stamp is 0'):
        imu.decoder().decode(messages.imu(0, 'wrist', SAMPLE))


def test_impossible_nanoseconds_are_refused():
    message = messages.imu(START, 'wrist', SAMPLE)
    message.header.stamp.nanosec = 10**9
    with pytest.raises(DecodeError, match='1000000000'):
        imu.decoder().decode(message)


def test_a_sensor_at_the_model_s_rate_passes_unchanged():
    stamps = START + np.arange(SPEC.size) * 20_000_000
    values = np.random.default_rng(1).normal(size=(SPEC.size, 6)).astype(np.float32)
    assert np.array_equal(last_window(Samples(stamps, values)), values)


def test_the_two_quantities_are_scaled_apart():
    imu = create('imu', {'acceleration_scale': 2.0, 'angular_velocity_scale': 4.0})
    features = imu.features(np.full((SPEC.size, 6), 8.0, np.float32))
    assert features.dtype == np.float32
    assert features[0].tolist() == [4.0, 4.0, 4.0, 2.0, 2.0, 2.0]


@pytest.mark.parametrize('rate', [10.0, 37.0, 50.0, 70.0])
def test_jittered_stamps_are_believed(rate):
    period = 1e9 / rate
    count = round(3 * rate)
    jitter = np.random.default_rng(2).uniform(-0.4, 0.4, count)
    samples = ramp(START + np.rint((np.arange(count) + jitter) * period).astype(np.int64))
    end = int(samples.stamps[-1])
    times = end - np.arange(SPEC.size)[::-1] * 20_000_000
    assert last_window(samples) == pytest.approx(ramp(times).values, abs=3 * ROUNDING)


@pytest.mark.parametrize('hertz', [45.0, 60.0, 80.0, 130.0, 180.0])
def test_vibration_of_a_fast_sensor_does_not_fold_into_the_window(hertz):
    inside = last_window(vibration(hertz, 400.0))[1:-1]
    assert np.abs(inside).max() < 0.06


@pytest.mark.parametrize('rate', [100.0, 200.0, 400.0, 1000.0])
def test_motion_of_a_fast_sensor_stays(rate):
    samples = vibration(2.0, rate)
    inside = last_window(samples)[1:-1]
    times = int(samples.stamps[-1]) - np.arange(SPEC.size)[::-1][1:-1] * 20_000_000
    assert inside[:, 0] == pytest.approx(np.sin(4 * np.pi * (times - START) / 1e9), abs=0.02)


def test_samples_that_come_in_bursts_are_averaged_over_their_bursts():
    bursts = START + np.arange(0, 3_000_000_000, 80_000_000)
    samples = ramp((bursts[:, None] + np.arange(8) * 1_000).ravel())
    window = last_window(samples)
    assert np.isfinite(window).all()
    assert (np.diff(window, axis=0)[1:-1] > 0).all()


def test_a_short_hole_is_bridged_by_a_line():
    stamps = START + np.arange(101) * 20_000_000
    samples = ramp(np.delete(stamps, range(40, 48)))
    assert last_window(samples) == pytest.approx(ramp(stamps[-100:]).values, abs=ROUNDING)


@pytest.mark.filterwarnings('error')
def test_what_is_not_a_number_is_left_out_and_counted():
    stream = Stream(imu, SPEC)
    windows = []
    for index in range(101):
        sample = SAMPLE.copy()
        if index == 50:
            sample[3] = np.nan
        if index == 60:
            sample[0] = np.inf
        if index == 70:
            sample[5] = 1e300
        windows += stream.push(messages.imu(START + index * 20_000_000, 'wrist', sample))
    assert stream.counts == {'not finite': 3}
    expected = imu.features(np.tile(SAMPLE.astype(np.float32), (SPEC.size, 1)))
    assert np.array_equal(windows[0].inputs, expected)
