# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Augmentation of inertial windows: other wearers, mountings and sensors."""

from dataclasses import dataclass
import math
from typing import ClassVar

from dcat_ros.modalities.imu import Imu
from dcat_ros.training.augment.motion import interpolated, rotations
import torch
from torch import Generator, Tensor


@dataclass(frozen=True)
class ImuAugmentation:
    """Strengths; 0 turns an effect off.

    Channels 0 to 2 are acceleration, 3 to 5 angular velocity. There is no turn about the limb: the
    encoder's output does not depend on it.

    :param tempo: largest relative slow-down of a stretch of the window, for half of the windows
        on average; angular velocity follows.
    :param tilt: standard deviation of a turn about any axis, in rad.
    :param scale: standard deviation of the logarithm of each quantity's gain.
    :param acceleration_noise: largest white noise of the acceleration, in the model's units.
    :param angular_velocity_noise: the same of the angular velocity.
    """

    tempo: float = 0.0
    tilt: float = 0.0
    scale: float = 0.0
    acceleration_noise: float = 0.0
    angular_velocity_noise: float = 0.0

    angular_velocity_scale: ClassVar[float] = Imu.angular_velocity_scale
    """The model's unit of angular velocity, rad/s."""

    def __call__(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return windows (batch, size, 6)."""
        x = slowed(windows, self.tempo, generator)
        if self.tilt:
            x = rotate(x, 0.0, self.tilt, generator)
        if self.scale:
            gain = torch.exp(torch.randn(len(x), 1, 2, generator=generator) * self.scale)
            x = x * gain.repeat_interleave(3, dim=2)
        if self.acceleration_noise or self.angular_velocity_noise:
            x = self.noisy(x, generator)
        return x

    def noisy(self, x: Tensor, generator: Generator) -> Tensor:
        """Return windows (batch, size, 6) with white noise, each as strong as drawn."""
        strength = [self.acceleration_noise] * 3 + [self.angular_velocity_noise] * 3
        level = torch.rand(len(x), 1, 1, generator=generator) * torch.tensor(strength)
        return x + torch.randn(x.shape, generator=generator) * level


def slowed(windows: Tensor, tempo: float, generator: Generator) -> Tensor:
    """Slow down a random stretch of half of the windows, by at most a factor of 1 + tempo.

    :param windows: (batch, size, 6).
    """
    count, size = windows.shape[:2]
    drawn = 2 * torch.rand(count, generator=generator) - 1
    speed = torch.exp(math.log1p(tempo) * drawn.clamp(max=0))
    start = torch.rand(count, generator=generator) * (1 - speed) * (size - 1)
    at = start[:, None] + speed[:, None] * torch.arange(size)
    cut = interpolated(windows, at)
    cut[:, :, 3:6] *= speed[:, None, None]
    return cut


def rotate(windows: Tensor, roll: float, tilt: float, generator: Generator) -> Tensor:
    """Turn the sensor about x (uniform in ±roll rad), then about a random axis (tilt, rad)."""
    count = len(windows)
    about_any = torch.randn(count, 3, generator=generator) * tilt
    about_x = torch.zeros(count, 3)
    about_x[:, 0] = (2 * torch.rand(count, generator=generator) - 1) * roll
    turn = rotations(about_any) @ rotations(about_x)
    return torch.cat([windows[:, :, :3] @ turn, windows[:, :, 3:6] @ turn], dim=2)
