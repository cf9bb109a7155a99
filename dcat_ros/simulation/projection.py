# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A pinhole camera: its pose and its projection."""

from dataclasses import dataclass

from dcat_ros.simulation.seeding import seeded_generator
import numpy as np


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
