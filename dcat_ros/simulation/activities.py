# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The activities of the simulated person: movement, rhythm and sounds."""

from collections.abc import Callable
from dataclasses import dataclass

from dcat_ros.simulation.person import Person
from dcat_ros.simulation.posture import Posture
from dcat_ros.simulation.seeding import seeded_generator
import numpy as np

TURN = 2.0 * np.pi


@dataclass(frozen=True)
class Style:
    """How a person performs an activity in one segment.

    :param rate: cycles per second.
    :param amplitude: size of the movement, about 1.
    :param offset: six numbers from -1 to 1 that vary positions and angles.
    :param waves: frequencies (Hz) and phases (radians) of slow drifts, (2, 3).
    """

    rate: float
    amplitude: float
    offset: np.ndarray
    waves: np.ndarray

    def phase(self, time: np.ndarray) -> np.ndarray:
        """Return the number of cycles at seconds (n,) since the activity began."""
        return self.rate * time + 0.05 * self.drift(time)

    def drift(self, time: np.ndarray) -> np.ndarray:
        """Return a smooth irregular signal (n,) between -1 and 1."""
        return np.sin(TURN * np.outer(time, self.waves[0]) + self.waves[1]).mean(axis=1)


Movement = Callable[[Posture, Person, Style, np.ndarray, np.ndarray], None]


@dataclass(frozen=True)
class Activity:
    """An activity and how it moves and sounds.

    :param move: changes a standing posture to that of the activity at phase (n,) and time (n,).
    :param rate: lowest and highest cycles per second of an average person.
    :param contacts: kind of sound and phase in the cycle of each contact or breath.
    :param voice: 'speech', 'call', or '' for none.
    """

    move: Movement
    rate: tuple[float, float]
    contacts: tuple[tuple[str, float], ...] = ()
    voice: str = ''

    def style(self, person: Person, seed: int, segment: int) -> Style:
        """Return the random style of a person's segment."""
        random = seeded_generator(seed, 'style', segment)
        return Style(
            rate=person.tempo * random.uniform(*self.rate),
            amplitude=person.amplitude * random.uniform(0.88, 1.12),
            offset=random.uniform(-1.0, 1.0, 6),
            waves=np.stack([random.uniform(0.07, 0.33, 3), random.uniform(0.0, TURN, 3)]),
        )


def _hit(phase: np.ndarray) -> np.ndarray:
    """Return the distance, 0 to 1, of something that bounces at whole phases."""
    return (np.sqrt(np.sin(np.pi * phase) ** 2 + 0.02) - 0.02**0.5) / (1.02**0.5 - 0.02**0.5)


def _lifts(phase: np.ndarray) -> np.ndarray:
    """Return how high the right and the left foot are lifted, (n, 2) from 0 to 1."""
    wave = np.sin(TURN * phase)
    return np.stack([wave.clip(0.0), (-wave).clip(0.0)], axis=1) ** 2


def _swing(p: Posture, angle: np.ndarray, reach: float, middle: float) -> None:
    """Swing both arms in opposite directions by `angle` about `middle` radians."""
    for side, outward in enumerate((-1.0, 1.0)):
        p.hands[:, side] = reach * _raised(middle - outward * angle, 0.14 * outward)


def _raised(angle: np.ndarray, outward: float) -> np.ndarray:
    """Return the direction (n, 3) of an arm that is raised forward by an angle (n,), radians."""
    return np.stack([np.sin(angle), np.full_like(angle, outward), -np.cos(angle)], axis=1)


def _idle(p: Posture, person: Person, style: Style, phase: np.ndarray, time: np.ndarray) -> None:
    p.pelvis[:, 1] += 0.018 * style.drift(0.8 * time)
    p.head[:, 2] = 0.5 * style.amplitude * style.drift(1.5 * time + 7.0)
    p.hands[:, 0, 0] += 0.04 * style.drift(1.2 * time + 3.0)
    p.palms[:, 0] += 0.2 * style.drift(time + 5.0)


def _walk(p: Posture, person: Person, style: Style, phase: np.ndarray, time: np.ndarray) -> None:
    wave, lifts = np.sin(TURN * phase), _lifts(phase)
    p.feet[:, :, 2] = 0.14 * style.amplitude * lifts
    p.feet[:, :, 0] = 0.10 * style.amplitude * lifts
    p.pelvis[:, 1] += 0.03 * wave
    p.pelvis[:, 2] += -0.02 - 0.014 * np.cos(2.0 * TURN * phase)
    p.trunk[:, 2] += 0.07 * wave
    _swing(p, -0.36 * style.amplitude * wave, 0.94, 0.12)


def _jog(p: Posture, person: Person, style: Style, phase: np.ndarray, time: np.ndarray) -> None:
    wave, lifts = np.sin(TURN * phase), _lifts(phase)
    p.feet[:, :, 2] = 0.30 * style.amplitude * lifts
    p.feet[:, :, 0] = -0.18 * style.amplitude * lifts
    p.pelvis[:, 1] += 0.02 * wave
    p.pelvis[:, 2] += -0.05 - 0.032 * style.amplitude * np.cos(2.0 * TURN * phase)
    p.trunk[:, 1] += 0.1
    p.trunk[:, 2] += 0.12 * wave
    _swing(p, -0.5 * style.amplitude * wave, 0.66, 0.62)
    p.elbows[:] = [-0.9, 0.0, -0.4]


def _wave(p: Posture, person: Person, style: Style, phase: np.ndarray, time: np.ndarray) -> None:
    wave = np.sin(TURN * phase)
    p.hands[:, 0] = [0.24, -0.36, 0.46] + 0.05 * style.offset[:3]
    p.hands[:, 0, 1] += 0.26 * style.amplitude * wave
    p.hands[:, 0, 2] -= 0.05 * wave**2
    p.elbows[:, 0] = [-0.1, -0.9, -0.7]
    p.palms[:, 0] = 0.9 + 0.25 * wave
    p.trunk[:, 0] += 0.04 * wave


def _clap(p: Posture, person: Person, style: Style, phase: np.ndarray, time: np.ndarray) -> None:
    gap = 0.04 + 0.22 * style.amplitude * _hit(phase)
    shift = 0.04 * style.offset
    for side, outward in enumerate((-1.0, 1.0)):
        p.hands[:, side, 0] = 0.52 + shift[0]
        p.hands[:, side, 1] = outward * (gap - person.shoulder) / person.arm
        p.hands[:, side, 2] = -0.30 + 3.0 * shift[1]
        p.elbows[:, side] = [-0.3, 0.4 * outward, -0.9]
        p.palms[:, side] = -0.5 * outward


def _knock(p: Posture, person: Person, style: Style, phase: np.ndarray, time: np.ndarray) -> None:
    raps = KNOCKS * np.minimum((phase % 1.0) / KNOCKING, 1.0)
    back = _hit(raps + 0.5)
    p.hands[:, 0] = [0.70, -0.10, 0.06] + 0.05 * style.offset[:3]
    p.hands[:, 0, 0] -= 0.20 * style.amplitude * back
    p.hands[:, 0, 2] += 0.10 * style.amplitude * back
    p.elbows[:, 0] = [-0.1, -0.55, -0.9]
    p.trunk[:, 1] += 0.06
    p.trunk[:, 2] += 0.12


def _hammer(p: Posture, person: Person, style: Style, phase: np.ndarray, time: np.ndarray) -> None:
    cycle = phase % 1.0
    lift = np.sqrt(np.sin(np.pi * cycle**1.7) ** 2 + 0.006) - 0.006**0.5
    angle = -0.85 + (1.5 * style.amplitude + 0.1 * style.offset[0]) * lift
    p.hands[:, 0, 0] = 0.08 + 0.62 * np.cos(angle) - 0.12 * lift
    p.hands[:, 0, 1] = 0.10 - 0.22 * lift
    p.hands[:, 0, 2] = 0.62 * np.sin(angle) + 0.02
    p.elbows[:, 0] = [-0.4, -0.6, -0.7]
    p.hands[:, 1] = [0.52, -0.16, -0.62] + 0.04 * style.offset[3:]
    p.elbows[:, 1] = [-0.4, 0.8, -0.5]
    p.trunk[:, 1] += 0.26 - 0.12 * lift
    p.head[:, 1] += 0.25
    p.grip[:] = 1.0


def _squat(p: Posture, person: Person, style: Style, phase: np.ndarray, time: np.ndarray) -> None:
    depth = 0.5 - 0.5 * np.cos(TURN * phase)
    depth = depth * (0.55 + 0.45 * depth)
    p.pelvis[:, 2] -= min(0.58 * style.amplitude, 0.7) * person.thigh * 1.45 * depth
    p.pelvis[:, 0] -= 0.16 * depth
    p.trunk[:, 1] += 0.62 * depth
    p.head[:, 1] -= 0.4 * depth
    p.feet[:, :, 1] = [-0.07, 0.07]
    turn = 0.15 + (2.0 + 0.15 * style.offset[0]) * depth
    for side, outward in enumerate((-1.0, 1.0)):
        p.hands[:, side] = 0.97 * _raised(turn, 0.05 * outward)


def _talk(p: Posture, person: Person, style: Style, phase: np.ndarray, time: np.ndarray) -> None:
    point = (0.5 - 0.5 * np.cos(TURN * phase)) ** 2
    beat = np.stack([style.drift(4.0 * time + 11.0 * axis) for axis in range(3)], axis=1)
    open_hand = [0.42, 0.06, -0.40] + 0.05 * style.offset[:3]
    aim = np.array([0.84, -0.25, -0.02]) + [0.0, 0.3, 0.15] * style.offset[3:]
    p.hands[:, 0] = open_hand + point[:, None] * (aim - open_hand)
    p.hands[:, 0] += 0.13 * style.amplitude * (1.0 - point)[:, None] * beat
    p.elbows[:, 0] = [-0.5, -0.5, -0.8]
    p.palms[:, 0] = 0.5 - 0.6 * point
    p.hands[:, 1] = [0.36, -0.02, -0.50]
    p.hands[:, 1] += 0.09 * style.amplitude * beat[:, [1, 2, 0]]
    p.elbows[:, 1] = [-0.6, 0.6, -0.6]
    p.head[:, 1] += 0.12 * style.drift(5.0 * time + 2.0)
    p.head[:, 2] += 0.25 * style.offset[3] * point + 0.15 * style.drift(2.0 * time)


KNOCKS, KNOCKING = 4, 0.62

ACTIVITIES: dict[str, Activity] = {
    'idle': Activity(_idle, (0.2, 0.3)),
    'walk': Activity(_walk, (0.8, 1.0), (('step', 0.5), ('step', 1.0))),
    'jog': Activity(_jog, (1.25, 1.5), (('stamp', 0.5), ('stamp', 1.0), ('pant', 0.3))),
    'wave': Activity(_wave, (1.2, 1.9), voice='call'),
    'clap': Activity(_clap, (1.8, 2.8), (('clap', 1.0),)),
    'knock': Activity(
        _knock,
        (0.5, 0.62),
        tuple(('knock', KNOCKING * (rap + 0.5) / KNOCKS) for rap in range(KNOCKS)),
    ),
    'squat': Activity(_squat, (0.34, 0.48), (('breath', 0.15), ('pant', 0.62))),
    'hammer': Activity(_hammer, (1.0, 1.45), (('strike', 1.0),)),
    'talk': Activity(_talk, (0.22, 0.34), voice='speech'),
}
