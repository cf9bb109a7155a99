# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A voice: harmonics of a pitch, weighted by the formants of two vowels."""

from dcat_ros.simulation.person import Person
import numpy as np

VOWELS = np.array([
    [270, 2290, 3010], [390, 1990, 2550], [530, 1840, 2480], [660, 1720, 2410], [730, 1090, 2440],
    [570, 840, 2410], [440, 1020, 2240], [300, 870, 2240], [640, 1190, 2390],
])
"""First three formants in Hz of a male adult, from Peterson and Barney (1952)."""

WIDTHS = np.array([80.0, 110.0, 160.0])
"""Bandwidths of the formants in Hz."""


def syllable(
    person: Person, random: np.random.Generator, duration: float, pitch: float, rate: int
) -> np.ndarray:
    """Speak a syllable that goes from one vowel to another, often after a consonant's noise.

    :param person: Whose voice.
    :param random: Draws vowels, consonant and melody.
    :param duration: Seconds.
    :param pitch: Pitch against the person's own.
    :param rate: Samples per second.
    :returns: Samples (n,), about 1 at most.
    """
    time = np.arange(int(duration * rate)) / rate
    share = time / duration
    bend = random.normal(0.0, 0.05)
    melody = person.pitch * pitch * (1.0 + bend * share + 0.01 * np.sin(2 * np.pi * 5.5 * time))
    phase = 2.0 * np.pi * np.cumsum(melody) / rate
    vowels = person.tract * VOWELS[random.integers(len(VOWELS), size=2)]
    glide = vowels[0] + (vowels[1] - vowels[0]) * (3.0 * share**2 - 2.0 * share**3)[:, None]
    harmonics = np.arange(1, int(3800.0 / person.pitch / pitch) + 1)
    frequency = melody[:, None] * harmonics
    gain = sum(
        width**2 / ((frequency - formant[:, None]) ** 2 + width**2) * level
        for formant, width, level in zip(glide.T, WIDTHS, (1.0, 0.5, 0.25), strict=True)
    )
    voiced = ((gain + 0.015) * np.sin(np.outer(phase, harmonics)) / harmonics**0.4).sum(axis=1)
    voiced *= np.minimum(1.0, time / 0.03) * np.minimum(1.0, (duration - time) / 0.05)
    if random.random() < 0.6:
        length = min(int(0.06 * rate), len(time))
        hiss = np.diff(random.normal(size=length + 1)) * np.hanning(length)
        voiced[:length] += random.uniform(0.05, 0.2) * hiss
    return 0.5 * voiced
