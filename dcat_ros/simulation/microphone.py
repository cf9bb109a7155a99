# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A microphone that records contacts, breath and voice in a room with echo."""

from functools import lru_cache

from dcat_ros.simulation.events import Event, Events
from dcat_ros.simulation.person import Person
from dcat_ros.simulation.seeding import samples_from_blocks, seeded_generator
import numpy as np

RATE = 16000
BLOCK = 2048
LONGEST = 2.0  # seconds that the sound of an event and its echo can last

VOWELS = np.array([
    [270, 2290, 3010], [390, 1990, 2550], [530, 1840, 2480], [660, 1720, 2410], [730, 1090, 2440],
    [570, 840, 2410], [440, 1020, 2240], [300, 870, 2240], [640, 1190, 2390],
])
"""First three formants in Hz of a male adult, from Peterson and Barney (1952)."""

WIDTHS = np.array([80.0, 110.0, 160.0])
"""Bandwidths of the formants in Hz."""


def _decay(time: np.ndarray, seconds: float) -> np.ndarray:
    return np.exp(-time / seconds)


def _band(noise: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return noise (n,) filtered to a band in Hz, with gentle slopes and an RMS of 1."""
    frequency = np.fft.rfftfreq(len(noise), 1.0 / RATE) + 1e-9
    gain = 1.0 / np.sqrt(1.0 + (low / frequency) ** 4) / np.sqrt(1.0 + (frequency / high) ** 4)
    band = np.fft.irfft(np.fft.rfft(noise) * gain, len(noise))
    return np.asarray(band / band.std())


def _modes(
    time: np.ndarray, modes: list[tuple[float, float, float]], random: np.random.Generator
) -> np.ndarray:
    """Return the sum of vibration modes, each with frequency (Hz), decay time (s) and level."""
    return np.sum([
        level * random.uniform(0.7, 1.3) * _decay(time, decay) * np.sin(2 * np.pi * hertz * time)
        for hertz, decay, level in modes
    ], axis=0)


class Microphone:
    """Sound of the events in a room: mono, 16 kHz.

    :param events: the sources of sound.
    :param person: whose voice it is.
    :param seed: seed of the room, its materials and its noise.
    """

    rate = RATE

    def __init__(self, events: Events, person: Person, seed: int) -> None:
        self._events = events
        self._person = person
        random = seeded_generator(seed, 'sound')
        self._level = 0.22 * random.uniform(0.7, 1.3)
        self._door = [
            (hertz * random.uniform(0.85, 1.2), random.uniform(0.02, 0.05), level)
            for hertz, level in ((170, 1.0), (310, 0.7), (520, 0.5), (890, 0.25))
        ]
        self._anvil = [
            (hertz * random.uniform(0.85, 1.2), random.uniform(0.05, 0.16), level)
            for hertz, level in ((1150, 0.5), (2240, 0.55), (3580, 0.4), (5300, 0.25))
        ]
        self._floor = random.uniform(70.0, 110.0)
        self._impulse_response = self._draw_impulse_response(random)
        self._room_noise = self._draw_room_noise(random)
        self._echoing = lru_cache(maxsize=64)(self._make_echoing)
        self._block = lru_cache(maxsize=4)(self._make_block)

    def samples(self, first: int, count: int) -> np.ndarray:
        """Return int16 of shape (count,); sample i is at i / 16000 seconds of the scene."""
        return samples_from_blocks(first, count, BLOCK, self._block)

    @staticmethod
    def _draw_impulse_response(random: np.random.Generator) -> np.ndarray:
        """Return a random impulse response: the direct sound and a decaying tail."""
        time = np.arange(int(0.35 * RATE)) / RATE
        tail = random.normal(size=len(time)) * _decay(time, random.uniform(0.03, 0.08))
        tail *= np.minimum(1.0, time / 0.006)
        echo = random.uniform(0.15, 0.4) * tail / np.sqrt((tail**2).sum())
        echo[0] = 1.0
        return np.asarray(echo)

    @staticmethod
    def _draw_room_noise(random: np.random.Generator) -> np.ndarray:
        """Return random noise that repeats without a seam, as it is filtered circularly."""
        noise = random.normal(size=2**16)
        tone = _band(noise, 40.0, random.uniform(250.0, 500.0))
        tone += random.uniform(0.1, 0.3) * _band(noise, 300.0, 6000.0)
        mains = round(100.0 * len(tone) / RATE) * np.linspace(0.0, 2 * np.pi, len(tone), False)
        tone += random.uniform(0.0, 0.5) * np.sin(mains)
        return np.asarray(random.uniform(0.0015, 0.005) * tone)

    def _make_block(self, number: int) -> np.ndarray:
        first = number * BLOCK
        block = self._room_noise.take(np.arange(first, first + BLOCK), mode='wrap')
        for event in self._events.between(first / RATE - LONGEST, (first + BLOCK) / RATE):
            sound, start = self._echoing(event), round(event.time * RATE) - first
            begin, end = max(start, 0), min(start + len(sound), BLOCK)
            if begin < end:
                block[begin:end] += self._level * sound[begin - start:end - start]
        return np.asarray(np.round(32767.0 * np.tanh(block)), np.int16)

    def _make_echoing(self, event: Event) -> np.ndarray:
        random = np.random.default_rng(event.seed)
        dry = event.strength * self._render(event, random)
        size = 2048 * -(-(len(dry) + len(self._impulse_response)) // 2048)
        spectrum = np.fft.rfft(dry, size) * np.fft.rfft(self._impulse_response, size)
        return np.fft.irfft(spectrum, size)

    def _render(self, event: Event, random: np.random.Generator) -> np.ndarray:
        if event.kind == 'syllable':
            return _syllable(self._person, random, event.duration, event.pitch)
        time = np.arange(int(0.5 * RATE)) / RATE
        noise = random.normal(size=len(time))
        attack = np.minimum(1.0, time / 0.001)
        if event.kind == 'clap':
            return 0.7 * attack * _decay(time, 0.012) * _band(noise, 800.0, 2600.0)
        if event.kind == 'knock':
            click = 0.3 * _decay(time, 0.004) * _band(noise, 900.0, 3000.0)
            return attack * (_modes(time, self._door, random) + click)
        if event.kind == 'strike':
            thud = 0.7 * _decay(time, 0.05) * np.sin(2 * np.pi * 130.0 * time)
            click = 0.5 * _decay(time, 0.003) * _band(noise, 1500.0, 7000.0)
            return attack * (1.4 * _modes(time, self._anvil, random) + thud + click)
        if event.kind in ('step', 'stamp'):
            thud = _decay(time, 0.035) * np.sin(2 * np.pi * self._floor * time)
            scuff = 0.12 * _decay(time, 0.03) * _band(noise, 250.0, 1800.0)
            return (0.45 if event.kind == 'step' else 1.0) * attack * (thud + scuff)
        length = 0.38 if event.kind == 'pant' else 0.5
        swell = np.sin(np.pi * np.minimum(time / length, 1.0)) ** 2
        low, high, level = (300.0, 1600.0, 0.09) if event.kind == 'pant' else (900.0, 3200.0, 0.05)
        return level * swell * _band(noise, low, high)


def _syllable(
    person: Person, random: np.random.Generator, duration: float, pitch: float
) -> np.ndarray:
    """Return a syllable from one vowel to another, often after a consonant: (n,), about 1 at most.

    The voice is a sum of harmonics, weighted by the formants of the vowels.

    :param random: chooses vowels, consonant and melody.
    :param duration: seconds.
    :param pitch: relative to the person's pitch.
    """
    time = np.arange(int(duration * RATE)) / RATE
    share = time / duration
    bend = random.normal(0.0, 0.05)
    melody = person.pitch * pitch * (1.0 + bend * share + 0.01 * np.sin(2 * np.pi * 5.5 * time))
    phase = 2.0 * np.pi * np.cumsum(melody) / RATE
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
        length = min(int(0.06 * RATE), len(time))
        hiss = np.diff(random.normal(size=length + 1)) * np.hanning(length)
        voiced[:length] += random.uniform(0.05, 0.2) * hiss
    return 0.5 * voiced
