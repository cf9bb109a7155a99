# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Render the body as shaded parts: their projection by a pinhole camera and their drawing."""

from dataclasses import dataclass

import cv2
from dcat_ros.simulation.person import Colour, Person
from dcat_ros.simulation.seeding import seeded_generator
from dcat_ros.simulation.skeleton import JOINTS, PAIRS, Pose
import numpy as np

SUBPIXEL_BITS = 4  # of coordinates in OpenCV's drawing functions

TURN = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
DIRECTIONS = np.stack([np.cos(TURN), np.sin(TURN)])
LAYERS = np.array([[0.60, 1.0, 0.0], [0.78, 0.84, 0.10], [0.93, 0.64, 0.22], [1.06, 0.40, 0.36]])
"""Layers of a shaded part: brightness, relative radius, shift toward the light in radii."""

SHOES, STEEL, WOOD = (52, 50, 56), (150, 146, 142), (70, 116, 172)
EYES, LIPS = (40, 34, 36), (72, 60, 132)
Vector = np.ndarray


@dataclass(frozen=True)
class Projection:
    """A pinhole camera that looks at the person.

    :param position: metres, (3,).
    :param axes: its right, down and forward as rows, (3, 3): an optical frame (REP 103).
    :param focal: focal length in pixels.
    :param centre: principal point in pixels, (2,).
    """

    position: np.ndarray
    axes: np.ndarray
    focal: float
    centre: np.ndarray

    @classmethod
    def random(cls, seed: int, width: int, height: int) -> 'Projection':
        """Return a random pose, roughly from the front, for images of width x height pixels."""
        random = seeded_generator(seed, 'view')
        azimuth = float(np.clip(random.normal(0.0, 0.3), -0.5, 0.5))
        distance = random.uniform(2.9, 3.5)
        position = np.array(
            [distance * np.cos(azimuth), distance * np.sin(azimuth), random.uniform(1.0, 1.6)]
        )
        target = np.array([0.0, random.normal(0.0, 0.08), random.uniform(0.98, 1.06)])
        forward = (target - position) / np.linalg.norm(target - position)
        right = np.cross(forward, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        down = np.cross(forward, right)
        roll = random.normal(0.0, 0.02)
        right, down = (
            np.cos(roll) * right + np.sin(roll) * down,
            np.cos(roll) * down - np.sin(roll) * right,
        )
        focal = min(height / 2.35, width / 2.2) * distance
        axes = np.stack([right, down, forward])
        return cls(position, axes, focal, np.array([width, height]) / 2)

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the pixels (n, 2) and the depths in metres (n,) of points (n, 3)."""
        local = (points - self.position) @ self.axes.T
        return self.centre + self.focal * local[:, :2] / local[:, 2:], local[:, 2]

    def depth(self, point: np.ndarray) -> float:
        """Return how far in front of the camera a point (3,) is, in metres."""
        return float(self.axes[2] @ (point - self.position))


@dataclass(frozen=True)
class Part:
    """The convex hull of four spheres, some of which may coincide.

    :param centres: metres, (4, 3).
    :param radii: metres, (4,).
    :param colour: blue, green, red.
    """

    centres: np.ndarray
    radii: np.ndarray
    colour: Colour


def _limb(start: Vector, end: Vector, wide: float, narrow: float, colour: Colour) -> Part:
    return Part(
        np.stack([start, start, end, end]), np.array([wide, wide, narrow, narrow]), colour
    )


def body_parts(pose: Pose, person: Person, mouth: float, projection: Projection) -> list[Part]:
    """Return the parts of the body in the first pose, farthest first.

    :param mouth: how far the mouth is open, 0 to 1.
    """
    at = {name: pose[name][0] for name in JOINTS}
    thick = 0.05 * person.build
    sleeve = person.shirt if person.long_sleeves else person.skin
    neck = _limb(at['neck'], at['head'], thick, thick, person.skin)
    groups = [
        (at['neck'], [neck, *_trunk(at, person)]),
        (at['head'], _head(at, person, mouth)),
    ]
    if person.long_hair:
        nape = at['head'] - 0.05 * _forward(at, person)
        fall = nape + 0.8 * (at['neck'] - at['head'])
        size = 0.06 * person.height
        hair = _limb(nape, fall, 1.1 * size, 0.9 * size, person.hair)
        groups.append((fall + 0.1 * projection.axes[2], [hair]))
    away = 0.3 * projection.axes[2]
    for side in ('right', 'left'):
        shoulder, elbow, wrist, hand, hip, knee, ankle, toe = (
            at[f'{side}_{name}'] for name in PAIRS
        )
        groups.append((0.5 * (hip + ankle) + away, [
            _limb(ankle, toe, 0.042, 0.034, SHOES),
            _limb(knee, ankle, 1.15 * thick, 0.85 * thick, person.trousers),
            _limb(hip, knee, 1.65 * thick, 1.15 * thick, person.trousers),
        ]))
        arm = [
            _limb(wrist, hand, 0.034, 0.042, person.skin),
            _limb(elbow, wrist, 0.84 * thick, 0.62 * thick, sleeve),
            _limb(shoulder, elbow, 1.08 * thick, 0.86 * thick, person.shirt),
        ]
        if side == 'right' and pose.grip[0] > 0.5:
            arm = [*_tool(0.5 * (wrist + hand), pose.wrist[0]), *arm]
        if projection.depth(wrist) < projection.depth(shoulder):
            arm.reverse()
        groups.append(((elbow + 2.0 * wrist) / 3.0, arm))
    groups.sort(key=lambda group: -projection.depth(group[0]))
    return [part for _, parts in groups for part in parts]


def _trunk(at: dict[str, Vector], person: Person) -> list[Part]:
    shoulders = np.stack([at['right_shoulder'], at['left_shoulder']])
    hips = np.stack([at['right_hip'], at['left_hip']])
    shoulders = 0.9 * shoulders + 0.1 * shoulders.mean(axis=0)
    waist = 0.8 * hips + 0.2 * shoulders.mean(axis=0)
    wide, narrow = 0.055 * person.build, 0.078 * person.build
    return [
        Part(np.concatenate([waist, hips]), np.full(4, narrow), person.trousers),
        Part(
            np.concatenate([shoulders, waist]),
            np.array([wide, wide, narrow, narrow]),
            person.shirt,
        ),
    ]


def _forward(at: dict[str, Vector], person: Person) -> Vector:
    """Return the unit vector that points out of the chest."""
    across = at['left_shoulder'] - at['right_shoulder']
    forward = np.cross(across, at['neck'] - at['pelvis'])
    return (-1.0 if person.left_handed else 1.0) * forward / np.linalg.norm(forward)


def _head(at: dict[str, Vector], person: Person, mouth: float) -> list[Part]:
    centre, size = at['head'], 0.06 * person.height
    up = (centre - at['neck']) / np.linalg.norm(centre - at['neck'])
    forward = _forward(at, person)
    left = np.cross(up, forward)

    def spot(x: float, y: float, z: float) -> Vector:
        return centre + size * (x * forward + y * left + z * up)

    parts = [
        _limb(spot(-0.12, 0, 0.36), spot(-0.3, 0, 0.05), size, 0.9 * size, person.hair),
        _limb(spot(0.18, 0, 0.1), spot(0.2, 0, -0.45), 0.93 * size, 0.7 * size, person.skin),
        _limb(spot(0.9, 0.32, 0.1), spot(0.9, 0.32, 0.14), 0.1 * size, 0.1 * size, EYES),
        _limb(spot(0.9, -0.32, 0.1), spot(0.9, -0.32, 0.14), 0.1 * size, 0.1 * size, EYES),
    ]
    lip = (0.07 + 0.17 * mouth) * size
    parts.append(_limb(spot(0.85, 0.2, -0.55), spot(0.85, -0.2, -0.55), lip, lip, LIPS))
    return parts


def _tool(hand: Vector, wrist: np.ndarray) -> list[Part]:
    """Return the hammer in a hand: the shaft leaves it at the side of the thumb."""
    along, side, _ = wrist.T
    shaft = side if side[2] > 0.0 else -side
    top = hand + 0.24 * shaft
    return [
        _limb(hand - 0.05 * shaft, top, 0.014, 0.014, WOOD),
        _limb(top - 0.05 * along, top + 0.06 * along, 0.028, 0.028, STEEL),
    ]


def draw_parts(
    canvas: np.ndarray, parts: list[Part], projection: Projection, light: np.ndarray
) -> None:
    """Draw parts in their order.

    :param canvas: image to draw on, bgr8.
    :param light: direction to the light, in the image, (2,).
    """
    spheres = np.stack([part.centres for part in parts])
    pixels, depths = projection.project(spheres.reshape(-1, 3))
    pixels, depths = pixels.reshape(-1, 1, 4, 2), depths.reshape(-1, 1, 4)
    radii = projection.focal * np.stack([part.radii for part in parts])[:, None] / depths
    centres = pixels + (LAYERS[:, 2, None] * radii)[..., None] * light
    radii = LAYERS[:, 1, None] * radii
    support = centres @ DIRECTIONS + radii[..., None]
    outer = support.argmax(axis=2)[:, :, None]
    rim = np.take_along_axis(centres, outer[:, :, 0, :, None], axis=2)
    rim = rim + np.take_along_axis(radii, outer[:, :, 0], axis=2)[..., None] * DIRECTIONS.T
    outlines = np.round(rim * (1 << SUBPIXEL_BITS)).astype(np.int32)
    colours = np.array([part.colour for part in parts])[:, None] * LAYERS[:, :1]
    tints = colours.clip(0, 255).tolist()
    for outline, tint in zip(outlines, tints, strict=True):
        for layer, colour in zip(outline, tint, strict=True):
            cv2.fillConvexPoly(canvas, layer, colour, cv2.LINE_AA, SUBPIXEL_BITS)


def draw_shadow(canvas: np.ndarray, pose: Pose, projection: Projection) -> None:
    """Darken the floor under the body."""
    middle = pose['pelvis'][0] * [1.0, 1.0, 0.0]
    ring = np.stack([DIRECTIONS[0], DIRECTIONS[1], np.zeros(len(TURN))], axis=1)
    for size in np.linspace(0.46, 0.16, 7):
        pixels, _ = projection.project(middle + size * ring)
        corner = np.floor(pixels.min(axis=0)).astype(int).clip(0)
        end = np.ceil(pixels.max(axis=0)).astype(int).clip(0) + 1
        patch = canvas[corner[1]:end[1], corner[0]:end[0]]
        if patch.size:
            dark = patch.copy()
            outline = np.round((pixels - corner) * (1 << SUBPIXEL_BITS)).astype(np.int32)
            cv2.fillConvexPoly(dark, outline, (20, 20, 24), cv2.LINE_AA, SUBPIXEL_BITS)
            cv2.addWeighted(dark, 0.08, patch, 0.92, 0.0, dst=patch)
