# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The time line that chunks of sound form, and how a window of it is resampled."""

from audio_messages import (
    audio,
    chunk,
    cut,
    decoded,
    info,
    last_window,
    noise,
    play,
    SPEC,
    START,
    tone,
)
from dcat_ros.windows import Stream
import numpy as np
import pytest


@pytest.mark.parametrize('size', [160, 333, 4000, (1, 700, 12000), 24000])
@pytest.mark.parametrize('rate', [16000, 44100])
def test_windows_do_not_depend_on_how_the_stream_is_cut_into_chunks(rate, size):
    sound = noise(1.2, rate)
    expected, _ = play(cut(sound, 320, rate), rate)
    windows, counts = play(cut(sound, size, rate), rate)
    assert len(windows) == len(expected) == 8
    assert not counts
    for window, other in zip(windows, expected, strict=True):
        assert window.end == pytest.approx(other.end, abs=0 if rate == 16000 else 5)
        assert np.array_equal(window.inputs, other.inputs)


def test_jitter_of_chunk_stamps_is_smoothed_away():
    jitter = np.random.default_rng(4).uniform(-4e6, 4e6, 100).astype(int)
    chunks = [
        (stamp + shift, x)
        for (stamp, x), shift in zip(cut(tone(440, duration=2.0), 320), jitter, strict=True)
    ]
    samples = decoded(chunks)
    periods = np.diff(samples.stamps)
    assert periods == pytest.approx(62_500, rel=0.002)
    window = last_window(samples) * 2**15
    assert np.abs(np.diff(window)).max() < 2.1 * np.abs(np.diff(tone(440))).max()
    windows, counts = play(chunks)
    assert len(windows) == 15
    assert not counts


def test_a_short_loss_is_heard_as_silence():
    sound = np.full(16000, 1000, np.int16)
    chunks = list(cut(sound, 320))
    window = last_window(decoded(chunks[:30] + chunks[31:]), 16000) * 2**15
    silent = np.flatnonzero(window == 0)
    assert silent.tolist() == list(range(9600, 9920))
    windows, counts = play(chunks[:30] + chunks[31:])
    assert len(windows) == 6
    assert not counts


def test_a_long_loss_starts_a_new_segment():
    chunks = list(cut(noise(), 320))
    windows, counts = play(chunks[:30] + chunks[41:])
    assert counts == {'gap': 1}
    assert [window.first for window in windows] == [True, False, True, False]
    assert windows[2].start >= chunks[41][0] - SPEC.span - 62_500
    fresh, _ = play(chunks[41:])
    assert [(x.end, x.inputs.tobytes()) for x in windows[2:]] == [
        (x.end, x.inputs.tobytes()) for x in fresh
    ]


@pytest.mark.parametrize('again', [20, 15])
def test_a_chunk_that_comes_again_is_left_out_and_counted(again):
    chunks = list(cut(noise(), 320))
    expected, _ = play(chunks)
    windows, counts = play([*chunks[:21], chunks[again], *chunks[21:]])
    assert counts['late'] + counts['repeated'] == 320
    assert set(counts) <= {'late', 'repeated'}
    for window, other in zip(windows, expected, strict=True):
        assert window.end == other.end
        assert np.array_equal(window.inputs, other.inputs)


def test_a_looping_recording_gives_the_same_windows_each_time():
    chunks = list(cut(noise(), 320))
    windows, counts = play(chunks * 2)
    assert counts == {'clock jump': 1}
    half = len(windows) // 2
    assert [(x.end, x.inputs.tobytes()) for x in windows[:half]] == [
        (x.end, x.inputs.tobytes()) for x in windows[half:]
    ]


def test_a_microphone_clock_that_is_100_ppm_slow_is_followed_without_clicks():
    hum = tone(100, duration=40.0)
    chunks = [(START + round((stamp - START) * 1.0001), x) for stamp, x in cut(hum, 320)]
    samples = decoded(chunks)
    drifted = START + round((len(hum) - 1) * 62_500 * 1.0001)
    assert samples.stamps[-1] == pytest.approx(drifted, abs=100_000)
    window = last_window(samples, 32000) * 2**15
    assert np.abs(np.diff(window)).max() < 2.1 * np.abs(np.diff(hum.astype(int))).max()


@pytest.mark.parametrize('rate', [8000, 16000, 44100, 48000])
def test_a_tone_that_the_model_can_hear_keeps_its_level(rate):
    window = last_window(decoded(cut(tone(440, rate), rate // 50, rate), rate))
    assert window.shape == (8000,)
    assert window.dtype == np.float32
    inner = window[200:-200]
    spectrum = np.abs(np.fft.rfft(inner * np.hanning(len(inner)))) * 4 / len(inner)
    assert spectrum.max() == pytest.approx(8000 / 2**15, rel=0.01)
    assert np.argmax(spectrum) * 16000 / len(inner) == pytest.approx(440, abs=2)


@pytest.mark.parametrize('rate', [44100, 48000])
@pytest.mark.parametrize('hertz', [9000, 12000, 15000])
def test_a_tone_that_the_model_cannot_hear_vanishes(rate, hertz):
    window = last_window(decoded(cut(tone(hertz, rate), rate // 50, rate), rate))
    assert np.abs(window[200:-200]).max() < 0.01 * 8000 / 2**15


@pytest.mark.parametrize('rate', [44100, 48000])
def test_the_resampled_window_ends_where_it_says(rate):
    """A click, some samples before the end, stays at its time."""
    sound = np.zeros(rate, np.int16)
    sound[-rate // 10 - 1] = 20000
    window = last_window(decoded(cut(sound, rate // 50, rate), rate))
    assert np.argmax(window) == pytest.approx(8000 - 1 - 1600, abs=1)


def test_features_are_the_same_whatever_the_microphone_s_rate():
    loudest = {
        rate: play(cut(tone(1000, rate), rate // 50, rate), rate)[0][3].inputs
        for rate in (16000, 44100, 48000)
    }
    for features in loudest.values():
        assert features.shape == (24, 40)
        assert features.dtype == np.float32
        assert set(np.argmax(features[1:-1], axis=1)) == {
            np.argmax(loudest[16000].mean(axis=0))
        }
        assert features[1:-1].max(axis=1) == pytest.approx(
            loudest[16000][1:-1].max(axis=1), abs=0.02
        )


def test_samples_that_are_no_numbers_are_left_out_and_counted():
    sound = np.full(8000, 0.25, '<f4')
    sound[4000:4010] = np.nan
    stream = Stream(audio, SPEC)
    stream.push(info(sample_format='F32LE'))
    windows = stream.push(chunk(START, sound.tobytes()))
    assert stream.counts == {'not finite': 10}
    assert len(windows) == 1
    assert np.isfinite(windows[0].inputs).all()


def test_a_long_stretch_that_is_no_numbers_within_a_chunk_is_a_gap():
    sound = np.full(32000, 0.25, '<f4')
    sound[9000:13000] = np.nan
    stream = Stream(audio, SPEC)
    stream.push(info(sample_format='F32LE'))
    windows = stream.push(chunk(START, sound.tobytes()))
    assert stream.counts == {'not finite': 4000, 'gap': 1}
    hole = START + 9000 * 62_500, START + 13000 * 62_500
    assert all(x.end < hole[0] or x.start >= hole[1] - 62_500 for x in windows)
    assert [window.first for window in windows].count(True) == 2
