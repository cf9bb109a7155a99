# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The skeleton: position of every joint at any time."""

from dataclasses import dataclass
from functools import lru_cache

from dcat_ros.simulation.activities import ACTIVITIES, Style, TURN
from dcat_ros.simulation.person import Person
from dcat_ros.simulation.posture import Posture
from dcat_ros.simulation.schedule import Schedule, Segment
from dcat_ros.simulation.seeding import seeded_generator
import numpy as np

TRANSITION = 0.7  # seconds from the posture of one activity to that of the next

PAIRS = ('shoulder', 'elbow', 'wrist', 'hand', 'hip', 'knee', 'ankle', 'toe')
JOINTS = (
    'pelvis', 'neck', 'head', *(f'{side}_{name}' for name in PAIRS for side in ('right', 'left'))
)
INDEX = {name: number for number, name in enumerate(JOINTS)}


@dataclass(frozen=True)
class Pose:
    """The skeleton at n times; a left-handed person is the mirror image of a right-handed one.

    :param joints: positions in the order of `JOINTS`, metres, x forward, y left, z up,
        (n, 19, 3). `right` is the side of the dominant hand, also of left-handed persons.
    :param wrist: axes of the dominant wrist as columns: x along the forearm to the hand, z out of
        its back, (n, 3, 3).
    :param grip: how far the dominant hand holds a tool, 0 to 1, (n,).
    """

    joints: np.ndarray
    wrist: np.ndarray
    grip: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        return self.joints[:, INDEX[name]]

    def split(self) -> list['Pose']:
        """Return a list of poses at one time each."""
        return [
            Pose(self.joints[i:i + 1], self.wrist[i:i + 1], self.grip[i:i + 1])
            for i in range(len(self.grip))
        ]


def rotations(angles: np.ndarray) -> np.ndarray:
    """Return the rotation matrices (n, 3, 3) of roll, pitch, yaw (n, 3), as in REP 103."""
    (cr, cp, cy), (sr, sp, sy) = np.cos(angles).T, np.sin(angles).T
    rows = [
        [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
        [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
        [-sp, cp * sr, cp * cr],
    ]
    return np.moveaxis(np.array(rows), -1, 0)


def smooth_step(x: np.ndarray) -> np.ndarray:
    """Return a step from 0 at x = 0 to 1 at x = 1 with two continuous derivatives."""
    x = x.clip(0.0, 1.0)
    return x**3 * (x * (6.0 * x - 15.0) + 10.0)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.sqrt((vectors * vectors).sum(axis=-1, keepdims=True))


def _two_bone_limb(
    root: np.ndarray, target: np.ndarray, pole: np.ndarray, upper: float, lower: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Solve the inverse kinematics of a limb of two bones, for arrays (..., 3).

    :param pole: direction in which the middle joint points.
    :returns: middle joint, end joint, and unit normal of the plane in which the limb bends.
    """
    way = target - root
    distance = np.sqrt((way * way).sum(axis=-1, keepdims=True))
    along = way / distance
    limit, soft = 0.995 * (upper + lower), 0.02
    distance = limit - soft * np.logaddexp(0.0, (limit - distance) / soft)
    aside = _unit(pole - (pole * along).sum(axis=-1, keepdims=True) * along)
    foot = (upper**2 - lower**2 + distance**2) / (2.0 * distance)
    rise = np.sqrt(np.maximum(upper**2 - foot**2, 1e-8))
    return root + foot * along + rise * aside, root + distance * along, np.cross(along, aside)


class Skeleton:
    """The moving skeleton of a person who follows a schedule.

    :param person: gives the lengths of the bones.
    :param schedule: the activities.
    :param seed: seed of the style of each activity.
    """

    def __init__(self, person: Person, schedule: Schedule, seed: int) -> None:
        self.person = person
        self.schedule = schedule
        self._seed = seed
        random = seeded_generator(seed, 'sway')
        self._tremor = np.stack(
            [random.uniform(0.3, 3.0, (8, 3)), random.uniform(0.0, TURN, (8, 3))]
        )
        self._sway = np.stack([random.uniform(0.1, 0.5, 3), random.uniform(0.0, TURN, 3)])
        self._breath = random.uniform(0.2, 0.3)
        self.style = lru_cache(maxsize=64)(self._style)

    def _style(self, segment: Segment) -> Style:
        return ACTIVITIES[segment.activity].style(self.person, self._seed, segment.index)

    def posture(self, times: np.ndarray) -> Posture:
        """Return the posture at seconds (n,) of the scene, as if right-handed."""
        posture = Posture.standing(len(times))
        indices = self.schedule.indices(times)
        for index in np.unique(indices):
            where = indices == index
            part = self._posture_in(self.schedule[int(index)], times[where])
            weight = smooth_step((times[where] - self.schedule[int(index)].start) / TRANSITION)
            if index > 0 and weight.min() < 1.0:
                before = self._posture_in(self.schedule[int(index) - 1], times[where])
                part = before.blend(part, weight)
            posture.assign(where, part)
        sway = np.sin(TURN * np.outer(times, self._sway[0]) + self._sway[1])
        posture.pelvis += [0.008, 0.008, 0.002] * sway
        posture.trunk[:, 1] += 0.012 * np.sin(TURN * self._breath * times) + 0.02
        speed, start = self._tremor
        tremor = np.sin(TURN * times[:, None, None] * speed + start).sum(axis=2)
        posture.hands += 0.0015 * tremor[:, :6].reshape(-1, 2, 3)
        posture.palms += 0.008 * tremor[:, 6:]
        return posture

    def _posture_in(self, segment: Segment, times: np.ndarray) -> Posture:
        posture = Posture.standing(len(times))
        style, time = self.style(segment), times - segment.start
        ACTIVITIES[segment.activity].move(posture, self.person, style, style.phase(time), time)
        return posture

    def pose(self, times: np.ndarray) -> Pose:
        """Return the pose at seconds (n,) of the scene."""
        person, posture = self.person, self.posture(times)
        sides = np.array([[0.0, -1.0, 0.0], [0.0, 1.0, 0.0]])
        trunk = rotations(posture.trunk)
        upright = np.swapaxes(trunk, 1, 2)
        legs = person.thigh + person.shank
        pelvis = posture.pelvis + np.array([0.0, 0.0, person.ankle + 0.985 * legs])
        neck = pelvis + person.trunk * trunk[:, :, 2]
        nod = trunk @ rotations(posture.head)
        head = neck + nod @ [0.02, 0.0, 0.115 * person.height]

        shoulders = (neck - 0.03 * trunk[:, :, 2])[:, None] + person.shoulder * sides @ upright
        targets = shoulders + person.arm * posture.hands @ upright
        elbows, wrists, normals = _two_bone_limb(
            shoulders, targets, posture.elbows @ upright, person.upper_arm, person.forearm
        )
        forearms = _unit(wrists - elbows)
        hands = wrists + 0.075 * person.height * forearms

        hips = pelvis[:, None] + person.hip * sides @ upright
        ankles = posture.feet + 1.1 * person.hip * sides + [0.0, 0.0, person.ankle]
        knees, ankles, _ = _two_bone_limb(
            hips, ankles, np.array([1.0, 0.0, 0.0]) + 0.15 * sides, person.thigh, person.shank
        )
        toes = ankles + np.array([0.11, 0.0, -0.032]) * person.height + 0.02 * sides
        pairs = [shoulders, elbows, wrists, hands, hips, knees, ankles, toes]
        joints = np.concatenate([np.stack([pelvis, neck, head], axis=1), *pairs], axis=1)

        x, normal = forearms[:, 0], normals[:, 0]
        back = np.cross(x, normal)
        cos, sin = np.cos(posture.palms[:, :1]), np.sin(posture.palms[:, :1])
        wrist = np.stack([x, cos * normal + sin * back, cos * back - sin * normal], axis=2)
        if person.left_handed:
            mirror = np.array([1.0, -1.0, 1.0])
            joints, wrist = joints * mirror, mirror[:, None] * wrist * mirror
        return Pose(joints, wrist, posture.grip)
