# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Augmentation of skeleton windows: other bodies, views and pose estimators."""

from dataclasses import dataclass
import math

from dcat_ros.modalities.body import JOINTS, SHOULDERS, VELOCITY
from dcat_ros.modalities.skeleton import CHANNELS
from dcat_ros.training.augment.motion import interpolated, rotations
import torch
from torch import Generator, Tensor
from torch.nn.functional import avg_pool1d

LASTING = 5
"""Samples for which an error of a joint lasts, an odd number."""
LEGS = [index for index, name in enumerate(JOINTS) if 'knee' in name or 'ankle' in name]
HIPS = [index for index, name in enumerate(JOINTS) if 'hip' in name]
OTHER_SIDE = [
    JOINTS.index(
        name.replace('left', 'right') if 'left' in name else name.replace('right', 'left')
    )
    for name in JOINTS
]


@dataclass(frozen=True)
class SkeletonAugmentation:
    """Strengths; 0 turns an effect off. Each is drawn once a window.

    :param tempo: largest absolute logarithm of the speed.
    :param yaw: largest turn of the view about the vertical axis, rad.
    :param tilt: standard deviation of a turn of the view about any axis, rad.
    :param scale: standard deviation of the logarithm of the size along each axis.
    :param noise: largest standard deviation of a joint's error, which lasts about a quarter of a
        second, in trunk lengths.
    :param coarse: largest number of samples between two frames of the camera.
    :param hide_legs: share of windows in which the legs are out of view; in half of those the hips
        are too.
    :param hide: probability with which any joint but a shoulder is not visible.
    :param mirror: share of windows that are mirrored, for people who use the other hand.
    """

    tempo: float = 0.0
    yaw: float = 0.0
    tilt: float = 0.0
    scale: float = 0.0
    noise: float = 0.0
    coarse: float = 1.0
    hide_legs: float = 0.0
    hide: float = 0.0
    mirror: float = 0.0

    def __call__(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return windows (batch, size, 91)."""
        count = len(windows)

        def drawn(*shape: int) -> Tensor:
            return torch.rand(count, *shape, generator=generator)

        def normal(*shape: int) -> Tensor:
            return torch.randn(count, *shape, generator=generator)

        x = self._other_times(joints_of(windows), drawn(1), drawn(1), drawn(1))
        if self.mirror:
            x = torch.where(drawn(1, 1, 1) < self.mirror, mirrored(x), x)
        about_y = torch.zeros(count, 3)
        about_y[:, 1] = (2 * drawn() - 1) * self.yaw
        turn = rotations(about_y) @ rotations(normal(3) * self.tilt)
        positions = x[..., :3] @ turn.unsqueeze(1) * (normal(1, 1, 3) * self.scale).exp()
        lasting = avg_pool1d(
            normal(3 * len(JOINTS), x.shape[1]), LASTING, stride=1, padding=LASTING // 2
        ) * math.sqrt(LASTING)
        errors = lasting.transpose(1, 2).unflatten(2, (len(JOINTS), 3))
        positions = positions + errors * self.noise * drawn(1, 1, 1)
        visible = self._visible(drawn(1, len(JOINTS), 1), drawn(1, 1, 1))
        return with_velocities(torch.cat([positions, x[..., 3:] * visible], dim=3))

    def _other_times(self, x: Tensor, speed: Tensor, coarse: Tensor, begin: Tensor) -> Tensor:
        """Return joints (batch, size, 13, 4) at another speed, seen by a slower camera.

        :param speed: uniform numbers (batch, 1), as are the others.
        """
        middle = (x.shape[1] - 1) / 2
        at = middle + (torch.arange(x.shape[1]) - middle) * ((2 * speed - 1) * self.tempo).exp()
        if self.coarse <= 1:
            return interpolated(x, at)
        step = 1 + coarse * (self.coarse - 1)
        frame = (at - begin * step).div(step).floor() * step + begin * step
        return torch.lerp(
            interpolated(x, frame), interpolated(x, frame + step),
            ((at - frame) / step)[:, :, None, None],
        )

    def _visible(self, each: Tensor, without: Tensor) -> Tensor:
        """Return which joints are visible, (batch, 1, 13, 1), by uniform numbers."""
        visible = (each >= self.hide).float()
        visible[:, :, SHOULDERS] = 1
        visible[:, :, LEGS] *= (without >= self.hide_legs).float()
        visible[:, :, HIPS] *= (without >= self.hide_legs / 2).float()
        return visible


def joints_of(windows: Tensor) -> Tensor:
    """Return positions and visibility (batch, size, 13, 4) of windows (batch, size, 91)."""
    joints = windows.unflatten(2, (len(JOINTS), CHANNELS))
    return torch.cat([joints[..., :3], joints[..., 6:]], dim=3)


def with_velocities(joints: Tensor) -> Tensor:
    """Return windows (batch, size, 91), as `Skeleton.features` makes them.

    :param joints: (batch, size, 13, 4): positions in trunk lengths, and visibility; joints count
        as visible above 0.999.
    """
    seen = (joints[..., 3:] > 0.999).float()
    positions = joints[..., :3] * seen
    moved = torch.zeros_like(positions)
    moved[:, 1:] = VELOCITY * (positions[:, 1:] - positions[:, :-1]) * seen[:, 1:] * seen[:, :-1]
    return torch.cat([positions, moved, seen], dim=3).flatten(2)


def mirrored(x: Tensor) -> Tensor:
    """Return joints (batch, size, 13, 4) of a person who uses the other hand."""
    return x[:, :, OTHER_SIDE] * torch.tensor([-1.0, 1.0, 1.0, 1.0])
