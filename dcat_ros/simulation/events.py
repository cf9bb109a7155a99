# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Events that sound, and some of which shake the IMU: contacts, breaths and syllables."""

from dataclasses import dataclass
from functools import lru_cache

from dcat_ros.simulation.activities import ACTIVITIES
from dcat_ros.simulation.schedule import Segment
from dcat_ros.simulation.seeding import seeded_generator
from dcat_ros.simulation.skeleton import Skeleton, TRANSITION
import numpy as np


@dataclass(frozen=True)
class Event:
    """Something that happens at one time.

    :param time: seconds of the scene.
    :param kind: 'step', 'stamp', 'clap', 'knock', 'strike', 'breath', 'pant' or 'syllable'.
    :param strength: loudness, about 1.
    :param seed: seed of its sound.
    :param duration: seconds, for syllables.
    :param pitch: relative to the person's pitch, for syllables.
    """

    time: float
    kind: str
    strength: float
    seed: int
    duration: float = 0.0
    pitch: float = 1.0


class Events:
    """The events of a moving skeleton.

    :param skeleton: determines when contacts happen.
    :param seed: seed of strengths and of speech.
    """

    def __init__(self, skeleton: Skeleton, seed: int) -> None:
        self._skeleton = skeleton
        self._seed = seed
        self._events_in = lru_cache(maxsize=64)(self._draw_events)

    def between(self, start: float, end: float) -> list[Event]:
        """Return the events from `start` to `end` (excluded), in order of their segments."""
        return [
            event
            for segment in self._skeleton.schedule.between(start, end)
            for event in self._events_in(segment)
            if start <= event.time < end
        ]

    def _draw_events(self, segment: Segment) -> tuple[Event, ...]:
        random = seeded_generator(self._seed, 'events', segment.index)
        voice = ACTIVITIES[segment.activity].voice
        events = self._contacts(segment, random)
        if voice == 'speech':
            events += _speech(segment, random)
        elif voice == 'call':
            events += _calls(segment, random)
        return tuple(events)

    def _contacts(self, segment: Segment, random: np.random.Generator) -> list[Event]:
        time = np.arange(0.0, segment.end - segment.start, 0.002)
        phase = self._skeleton.style(segment).phase(time)
        events = []
        for kind, contact_phase in ACTIVITIES[segment.activity].contacts:
            cycles = np.arange(np.floor(phase[0]), np.ceil(phase[-1])) + contact_phase
            hits = np.interp(cycles, phase, time, left=-1.0, right=-1.0)
            events += [
                Event(
                    segment.start + float(hit),
                    kind,
                    float(np.clip(random.normal(1.0, 0.18), 0.5, 1.5)),
                    int(random.integers(2**31)),
                )
                for hit in hits[hits > 0.7 * TRANSITION]
            ]
        return events


def _speech(segment: Segment, random: np.random.Generator) -> list[Event]:
    """Return phrases of 4 to 10 syllables with pauses between them."""
    events, time = [], segment.start + random.uniform(0.1, 0.4)
    speed = random.uniform(0.85, 1.15)
    while time < segment.end:
        syllables = int(random.integers(4, 11))
        for number in range(syllables):
            duration = speed * random.uniform(0.13, 0.26) * (1.4 if number == syllables - 1 else 1)
            if time + duration < segment.end:
                fall = 1.12 - 0.25 * number / syllables + random.normal(0.0, 0.05)
                events.append(_syllable(time, duration, fall, random))
            time += duration * random.uniform(0.95, 1.15)
        time += random.uniform(0.2, 0.55)
    return events


def _calls(segment: Segment, random: np.random.Generator) -> list[Event]:
    """Return calls of two or three syllables, one every few seconds."""
    events, time = [], segment.start + TRANSITION + random.uniform(0.0, 0.4)
    while time + 1.0 < segment.end:
        for pitch, duration in ((1.25, 0.16), (1.6, 0.3), (1.2, 0.25))[:random.integers(2, 4)]:
            events.append(_syllable(time, duration, pitch, random))
            time += 1.05 * duration
        time += random.uniform(1.2, 2.4)
    return events


def _syllable(time: float, duration: float, pitch: float, random: np.random.Generator) -> Event:
    strength = float(random.uniform(0.7, 1.1))
    return Event(time, 'syllable', strength, int(random.integers(2**31)), duration, pitch)
