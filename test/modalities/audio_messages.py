# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Sound for tests: tones and noise, cut into chunks as a driver sends them."""

from types import SimpleNamespace

from dcat_ros.bags import messages
from dcat_ros.modalities import create, Samples
from dcat_ros.modalities.audio import AudioFormat
from dcat_ros.windows import Stream, WindowSpec
import numpy as np

START = 1_700_000_000_123_456_789
SPEC = WindowSpec(duration=0.5, rate=16000.0, stride=0.1, max_gap=0.2)

audio = create('audio', {})


def info(rate=16000, channels=1, sample_format='S16LE', coding_format='wave'):
    return SimpleNamespace(
        sample_rate=rate, channels=channels, sample_format=sample_format,
        coding_format=coding_format, bitrate=0,
    )


def chunk(stamp, data):
    return SimpleNamespace(
        header=messages.header(stamp, 'microphone'), audio=SimpleNamespace(data=data)
    )


def tone(hertz, rate=16000, duration=1.5, level=8000):
    time = np.arange(round(duration * rate)) / rate
    return np.rint(level * np.sin(2 * np.pi * hertz * time)).astype(np.int16)


def noise(duration=1.5, rate=16000):
    return np.random.default_rng(3).integers(-9000, 9000, round(duration * rate)).astype(np.int16)


def cut(samples, size, rate=16000):
    """Yield the stamp and samples of each chunk; ``size`` is one number or several in turn."""
    sizes = [size] if np.isscalar(size) else size
    at = turn = 0
    while at < len(samples):
        piece = samples[at:at + sizes[turn % len(sizes)]]
        yield START + round(at * 1e9 / rate), piece
        at, turn = at + len(piece), turn + 1


def play(chunks, rate=16000, spec=SPEC):
    stream = Stream(audio, spec)
    windows = stream.push(info(rate))
    for stamp, samples in chunks:
        windows += stream.push(chunk(stamp, samples.astype('<i2').tobytes()))
    return windows, stream.counts


def decoded(chunks, rate=16000):
    decoder = audio.decoder(AudioFormat(rate, 1))
    pieces = [decoder.decode(chunk(stamp, x.astype('<i2').tobytes())) for stamp, x in chunks]
    return Samples(*(np.concatenate(parts) for parts in zip(*pieces, strict=True)))


def last_window(samples, size=8000):
    return audio.resample(samples, int(samples.stamps[-1]), 16000.0, size)
