# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Skeleton windows of none of the classes."""

from dcat_ros.modalities.body import JOINTS
from dcat_ros.training.augment.skeleton import (
    joints_of,
    mirrored,
    OTHER_SIDE,
    with_velocities,
)
from dcat_ros.training.negatives.clips import ClipNegatives, held, smooth_curves, strengths
import torch
from torch import Generator, Tensor

LEFT_ARM = [JOINTS.index('left_elbow'), JOINTS.index('left_wrist')]
RIGHT_ARM = [OTHER_SIDE[joint] for joint in LEFT_ARM]
REACH = torch.tensor([
    1.0 if 'wrist' in name or 'ankle' in name else 0.5 if 'elbow' in name or 'knee' in name
    else 0.1 for name in JOINTS
]).view(1, 1, -1, 1)
"""How far a joint moves against the others."""


class SkeletonNegatives(ClipNegatives):
    """Makes negatives of windows (count, size, 91)."""

    def rest(self, windows: Tensor, generator: Generator) -> Tensor:
        """Hold one posture of each window; every fourth window has nobody in view."""
        still = joints_of(held(windows, generator))
        still[::4] = 0
        return with_velocities(still)

    def smooth(self, windows: Tensor, generator: Generator) -> Tensor:
        """Move the joints of one posture of each window smoothly, wrists and ankles farthest.

        In every other window the legs stand still.
        """
        still = joints_of(held(windows, generator))
        count, size = still.shape[:2]
        curves = smooth_curves(count, size, 3 * len(JOINTS), generator)
        curves = curves * strengths(count, 0.05, 0.6, generator)
        moved = curves.unflatten(2, (len(JOINTS), 3)) * REACH
        moved[::2, :, JOINTS.index('left_hip'):] = 0
        still[..., :3] += moved
        return with_velocities(still)

    def spliced(self, windows: Tensor, generator: Generator) -> Tensor:
        """Join the beginning of each window with the end of another one: a transition."""
        return with_velocities(joints_of(super().spliced(windows, generator)))

    def recombined(self, windows: Tensor, generator: Generator) -> Tensor:
        """Let arms do what they do not do together.

        In every other window both arms do what the right one does; in the others one arm does what
        that of another window does.
        """
        joints = joints_of(windows)
        other = joints.roll(1, dims=0)
        found = joints.clone()
        found[::2, :, LEFT_ARM] = mirrored(joints[::2])[:, :, LEFT_ARM]
        found[1::4, :, RIGHT_ARM] = other[1::4][:, :, RIGHT_ARM]
        found[3::4, :, LEFT_ARM] = other[3::4][:, :, LEFT_ARM]
        return with_velocities(found)

    def reversed(self, windows: Tensor, generator: Generator) -> Tensor:
        """Play windows backwards."""
        return with_velocities(joints_of(windows.flip(1)))

    def remounted(self, windows: Tensor, generator: Generator) -> Tensor:
        """Turn the camera upside down."""
        return head_down(windows)


def head_down(windows: Tensor) -> Tensor:
    """Return windows (count, size, 91) turned by 180° about the optical axis."""
    signs = torch.tensor([-1.0, -1.0, 1.0, -1.0, -1.0, 1.0, 1.0])
    return windows * signs.repeat(len(JOINTS))
