# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A random person."""

from dataclasses import dataclass

from dcat_ros.simulation.seeding import seeded_generator
import numpy as np

Colour = tuple[int, int, int]

SKIN: tuple[Colour, ...] = (
    (196, 219, 246), (164, 196, 232), (126, 164, 206), (86, 122, 172), (58, 84, 128), (40, 56, 88)
)
HAIR: tuple[Colour, ...] = (
    (24, 24, 28), (34, 48, 70), (54, 84, 122), (96, 150, 196), (150, 152, 156)
)
SHIRT: tuple[Colour, ...] = (
    (60, 62, 200), (172, 96, 42), (86, 148, 60), (52, 158, 222), (142, 74, 132), (214, 212, 206),
    (150, 150, 52), (84, 78, 74)
)
TROUSERS: tuple[Colour, ...] = (
    (104, 66, 42), (62, 58, 56), (98, 122, 142), (122, 92, 66), (48, 60, 52)
)


@dataclass(frozen=True)
class Person:
    """Body, movement, voice, clothes and sensor mounting of one person.

    Lengths are in metres, as fractions of the height after D. A. Winter, Biomechanics and Motor
    Control of Human Movement (2009), varied by a few per cent. Colours are blue, green, red.
    """

    height: float
    upper_arm: float
    forearm: float
    thigh: float
    shank: float
    trunk: float
    shoulder: float
    hip: float
    build: float
    tempo: float
    amplitude: float
    left_handed: bool
    pitch: float
    tract: float
    sensor_rotation: tuple[float, float, float]
    sensor_offset: tuple[float, float, float]
    skin: Colour
    hair: Colour
    shirt: Colour
    trousers: Colour
    long_hair: bool
    long_sleeves: bool

    @property
    def arm(self) -> float:
        """Length from the shoulder to the wrist in metres."""
        return self.upper_arm + self.forearm

    @property
    def ankle(self) -> float:
        """Height of the ankle above the floor in metres."""
        return 0.039 * self.height

    @classmethod
    def random(cls, seed: int) -> 'Person':
        """Return the person of a seed."""
        random = seeded_generator(seed, 'person')
        height = float(np.clip(random.normal(1.71, 0.09), 1.5, 1.95))

        def length(fraction: float) -> float:
            return height * fraction * float(np.clip(random.normal(1.0, 0.025), 0.94, 1.06))

        def pick(colours: tuple[Colour, ...]) -> Colour:
            return colours[random.integers(len(colours))]

        low_voice = bool(random.random() < 0.5)
        tract = random.uniform(0.97, 1.06) if low_voice else random.uniform(1.1, 1.2)
        turn = random.normal(0.0, np.deg2rad(9.0), 3)
        return cls(
            height=height,
            upper_arm=length(0.186),
            forearm=length(0.146),
            thigh=length(0.245),
            shank=length(0.246),
            trunk=length(0.288),
            shoulder=length(0.122),
            hip=length(0.062),
            build=random.uniform(0.88, 1.18),
            tempo=float(np.clip(random.normal(1.0, 0.1), 0.78, 1.25)),
            amplitude=float(np.clip(random.normal(1.0, 0.12), 0.7, 1.3)),
            left_handed=bool(random.random() < 0.11),
            pitch=random.uniform(95.0, 140.0) if low_voice else random.uniform(170.0, 240.0),
            tract=tract,
            sensor_rotation=(float(turn[0]), float(turn[1]), float(turn[2])),
            sensor_offset=(random.uniform(-0.05, -0.01), random.normal(0.0, 0.003), 0.02),
            skin=pick(SKIN),
            hair=pick(HAIR),
            shirt=pick(SHIRT),
            trousers=pick(TROUSERS),
            long_hair=bool(random.random() < 0.4),
            long_sleeves=bool(random.random() < 0.45),
        )
