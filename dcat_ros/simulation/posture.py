# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The degrees of freedom of the skeleton, as arrays over time."""

from dataclasses import dataclass, fields

import numpy as np


@dataclass
class Posture:
    """A posture at each of n times, for a right-handed person who faces +x (REP 103 axes).

    Limbs come in pairs: index 0 is the right one, 1 the left one.

    :param pelvis: shift of the pelvis from where it is in standing, metres, (n, 3).
    :param trunk: roll, pitch (positive is forward) and yaw of the trunk, radians, (n, 3).
    :param head: roll, pitch and yaw of the head on the trunk, radians, (n, 3).
    :param hands: wrist relative to its shoulder, in axes of the trunk and arm lengths, (n, 2, 3).
    :param elbows: direction in which the elbow points, in axes of the trunk, (n, 2, 3).
    :param palms: rotation of the forearm about its axis, radians, (n, 2).
    :param feet: shift of the ankle from where it is in standing, metres, (n, 2, 3).
    :param grip: how far the right hand holds a tool, 0 to 1, (n,).
    """

    pelvis: np.ndarray
    trunk: np.ndarray
    head: np.ndarray
    hands: np.ndarray
    elbows: np.ndarray
    palms: np.ndarray
    feet: np.ndarray
    grip: np.ndarray

    @classmethod
    def standing(cls, n: int) -> 'Posture':
        """Return n times the posture of standing with the arms hanging."""
        right = np.array([1.0, -1.0, 1.0])
        hand, elbow = np.array([0.10, 0.10, -0.965]), np.array([-0.9, 0.35, -0.2])
        return cls(
            pelvis=np.zeros((n, 3)),
            trunk=np.zeros((n, 3)),
            head=np.zeros((n, 3)),
            hands=np.tile(np.stack([hand * right, hand]), (n, 1, 1)),
            elbows=np.tile(np.stack([elbow * right, elbow]), (n, 1, 1)),
            palms=np.zeros((n, 2)),
            feet=np.zeros((n, 2, 3)),
            grip=np.zeros(n),
        )

    def assign(self, where: np.ndarray, other: 'Posture') -> None:
        """Overwrite the times that a mask or index selects."""
        for field in fields(self):
            getattr(self, field.name)[where] = getattr(other, field.name)

    def blend(self, other: 'Posture', weight: np.ndarray) -> 'Posture':
        """Return the posture between this one (weight 0) and another one (weight 1).

        Hands that travel far swing forward meanwhile, so that they clear the body.
        """
        mixed = {}
        for field in fields(self):
            a, b = getattr(self, field.name), getattr(other, field.name)
            mixed[field.name] = a + weight.reshape(-1, *[1] * (a.ndim - 1)) * (b - a)
        travel = ((other.hands - self.hands) ** 2).sum(axis=-1)
        mixed['hands'][..., 0] += 0.6 * (weight * (1.0 - weight))[:, None] * travel
        return Posture(**mixed)
