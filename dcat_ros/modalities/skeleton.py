# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Skeletons: the joints of one person, as a pose estimator tracks them."""

from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import Any, ClassVar

from dcat_ros.modalities.base import (
    Check,
    DecodeError,
    ImplausibleError,
    NANOSECONDS,
    NoCheck,
    Samples,
    stamp_of,
)
from dcat_ros.modalities.body import HIPS, JOINTS, retargeted, scaled, SHOULDERS, VELOCITY
from dcat_ros.modalities.rotation import rotation_matrix
import numpy as np
from numpy.typing import NDArray

SHORTEST, LONGEST = 0.15, 1.2
"""m; the trunk of a person, from the middle of the shoulders to that of the hips."""
SKELETON_2D = (0, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10)
"""Index in hri_msgs/Skeleton2D (REP 155) of each of `body.JOINTS`; the nose is the head."""
LEAST_CONFIDENCE = 0.3
OUTSIDE = 0.5
"""How far a point of Skeleton2D may lie outside of the image, in widths and heights."""
CHANNELS = 7
"""Of a joint: position, velocity, visibility."""


@dataclass(frozen=True)
class SkeletonFormat:
    """What a pose estimator publishes.

    :param joints: the name of each pose, in their order; names other than those of `JOINTS` are
        ignored, and joints that are not named are taken for not visible.
    :param mounting: roll, pitch and yaw (degrees, REP 103) of the frame of the poses in an optical
        frame, in which x is to the right, y down and z forward.
    :param aspect_ratio: of the image that a Skeleton2D is about, width over height.
    :raises ValueError: if shoulders are missing, a joint is named twice, the mounting is not three
        finite numbers, or the ratio is not above 0.
    """

    joints: Sequence[str] = JOINTS
    mounting: Sequence[float] = (0.0, 0.0, 0.0)
    aspect_ratio: float = 4 / 3

    def __post_init__(self) -> None:
        names = [name for name in self.joints if name in JOINTS]
        if len(set(names)) < len(names):
            raise ValueError(f'skeleton.joints names a joint twice: {", ".join(self.joints)}')
        if not {JOINTS[index] for index in SHOULDERS} <= set(names):
            raise ValueError(
                'skeleton.joints lacks left_shoulder or right_shoulder; names are '
                f'{", ".join(JOINTS)}'
            )
        rotation_matrix('skeleton.mounting', self.mounting)
        if not 0 < self.aspect_ratio < math.inf:
            raise ValueError(
                f'skeleton.aspect_ratio is {self.aspect_ratio}, expected width / height of the '
                'image'
            )


class SkeletonDecoder:
    """Decodes the joints of one person to (1, 13, 4): x, y, z, and visibility 0 or 1.

    Of geometry_msgs/PoseArray, x, y, z are in m. A pose that is not finite is a joint that is not
    visible; orientations are not used. Of hri_msgs/Skeleton2D (REP 155), x and y are in heights of
    the image, and z is 0. No pose, or no point with confidence, is nobody in view.

    :param flat: whether joints without depth are taken.
    """

    def __init__(self, given: SkeletonFormat | None = None, flat: bool = False) -> None:
        given = given or SkeletonFormat()
        self._flat = flat
        self._aspect_ratio = given.aspect_ratio
        self._names = list(given.joints)
        self._known = [index for index, name in enumerate(self._names) if name in JOINTS]
        self._joints = [JOINTS.index(self._names[index]) for index in self._known]
        self._rotation = rotation_matrix('skeleton.mounting', given.mounting).T

    def decode(self, message: Any) -> Samples:
        """Return the joints of one message.

        :raises DecodeError: if it has another number of poses than there are names, or no depth
            where the model needs it.
        :raises ImplausibleError: if no person has these proportions.
        """
        stamp = stamp_of(message.header)
        is_flat = hasattr(message, 'skeleton')
        joints = self._from_image(message) if is_flat else self._from_poses(message)
        return Samples(np.array([stamp], np.int64), joints[None].astype(np.float32))

    def _from_poses(self, message: Any) -> NDArray[np.float64]:
        joints = np.zeros((len(JOINTS), 4))
        if not message.poses:
            return joints
        if len(message.poses) != len(self._names):
            raise DecodeError(
                f'there are {len(message.poses)} poses, but skeleton.joints names '
                f'{len(self._names)}: set it to the names of the poses in their order'
            )
        points = np.array([
            (message.poses[index].position.x, message.poses[index].position.y,
             message.poses[index].position.z) for index in self._known
        ], np.float64)
        seen = np.isfinite(points).all(axis=1, keepdims=True)
        joints[self._joints, :3] = np.where(seen, points, 0.0) @ self._rotation
        joints[self._joints, 3:] = seen
        _refuse_implausible(joints)
        return joints

    def _from_image(self, message: Any) -> NDArray[np.float64]:
        if not self._flat:
            raise DecodeError(
                'Skeleton2D has no depth, which this bundle needs: publish '
                'geometry_msgs/PoseArray, or use a bundle trained with the feature setting flat'
            )
        joints = np.zeros((len(JOINTS), 4))
        chosen = [message.skeleton[index] for index in SKELETON_2D]
        points = np.array([(point.x, point.y, point.c) for point in chosen], np.float64)
        seen = np.isfinite(points).all(axis=1) & (points[:, 2] >= LEAST_CONFIDENCE)
        joints[:, :2] = np.where(seen[:, None], points[:, :2], 0.0)
        if np.abs(joints[seen, :2] - 0.5).max(initial=0.0) > 0.5 + OUTSIDE:
            raise ImplausibleError(
                f'a point of the skeleton is at {np.abs(joints[:, :2]).max():.4g}, expected 0 to '
                '1: let the points be parts of the width and height of the image (REP 155)',
                'implausible body',
            )
        joints[:, 0] *= self._aspect_ratio
        joints[:, 3] = seen
        return joints


def _refuse_implausible(joints: NDArray[np.float64]) -> None:
    ends = SHOULDERS + HIPS
    if not joints[ends, 3].all():
        return
    trunk = float(np.linalg.norm(joints[SHOULDERS, :3].mean(0) - joints[HIPS, :3].mean(0)))
    if not SHORTEST <= trunk <= LONGEST:
        raise ImplausibleError(
            f'the trunk is {trunk:.3g} m long, expected {SHORTEST} to {LONGEST}: let the poses be '
            'in metres (REP 103), and name them in their order by skeleton.joints',
            'implausible body',
        )


@dataclass(frozen=True)
class Skeleton:
    """The joints of one person.

    The model input is (size, 91): for each of the 13 joints its position from the middle of the
    shoulders, in lengths of the trunk, its velocity, and whether it is visible. Nothing else of a
    joint that is not visible is in it. With depth, all bodies get the same proportions first.

    :param flat: whether the model uses no depth, so that it takes hri_msgs/Skeleton2D too.
    """

    flat: bool = False

    name: ClassVar[str] = 'skeleton'
    topic: ClassVar[str] = 'skeleton'
    message_types: ClassVar[tuple[str, ...]] = (
        'geometry_msgs/msg/PoseArray',
        'hri_msgs/msg/Skeleton2D',
    )
    info: ClassVar[dict[str, str]] = {}
    latest_only: ClassVar[bool] = False

    sample_shape: ClassVar[tuple[int, ...]] = (len(JOINTS), 4)

    def decoder(self, given: SkeletonFormat | None = None) -> SkeletonDecoder:
        """Return a decoder for one stream of a pose estimator that publishes a given format."""
        return SkeletonDecoder(given, self.flat)

    def check(self) -> Check:
        """Return a check for one stream."""
        return NoCheck()

    def resample(self, samples: Samples, end: int, rate: float, size: int) -> NDArray[np.float32]:
        """Interpolate linearly; a joint is visible where both samples beside a time have it.

        :returns: (size, 13, 4), the last one at ``end``.
        """
        known = (samples.stamps - end).astype(np.float64)
        times = -np.arange(size - 1, -1, -1) * (NANOSECONDS / rate)
        after = np.clip(np.searchsorted(known, times), 1, len(known) - 1)
        part = np.clip((times - known[after - 1]) / (known[after] - known[after - 1]), 0.0, 1.0)
        part = part[:, None, None]
        window = samples.values[after - 1] * (1 - part) + samples.values[after] * part
        window[..., 3] = window[..., 3] > 0.999
        return window.astype(np.float32)

    def features(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the model input of a (size, 13, 4) window."""
        positions, seen = scaled(window) if self.flat else retargeted(window)
        moved = np.diff(positions, axis=0, prepend=positions[:1])
        both = seen * np.concatenate([seen[:1], seen[:-1]])
        joints = np.concatenate([positions, VELOCITY * moved * both, seen], axis=2)
        return joints.reshape(len(joints), -1).astype(np.float32)
