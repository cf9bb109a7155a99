# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Inertial windows of none of the classes."""

import math

from dcat_ros.training.augment.imu import ImuAugmentation, rotate
from dcat_ros.training.negatives.clips import ClipNegatives, smooth_curves, strengths
import torch
from torch import Generator, Tensor
from torch.nn.functional import avg_pool1d

RATE = 50.0
"""Samples/s for which the movement is drawn; at another rate it is as much faster or slower."""
SECOND = 51
"""Samples, an odd number."""
FASTEST, STRONGEST = 8.0, 1.5
"""Largest effective rad/s, and acceleration in units of gravity, of smooth random movement."""


class ImuNegatives(ClipNegatives):
    """Makes negatives of windows (count, size, 6) in the model's units."""

    augmentation: ImuAugmentation

    def recorded(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return recorded windows, augmented, every other one in a random orientation."""
        found = super().recorded(windows, generator)
        found[::2] = anyhow(found[::2], generator)
        return found

    def rest(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return windows of a resting sensor: gravity from a random direction, and noise.

        The mean acceleration of a window is used as gravity.
        """
        gravity = windows[:, :, :3].mean(dim=1).norm(dim=1).view(-1, 1, 1)
        up = torch.randn(len(windows), 1, 3, generator=generator)
        still = torch.zeros_like(windows)
        still[:, :, :3] = gravity * up / up.norm(dim=2, keepdim=True)
        return self.augmentation.noisy(still, generator)

    def smooth(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return smooth random movement: rotation, gravity that turns with it, acceleration.

        Every other window has a single burst of it. The windows give shape and units only.
        """
        count, size = windows.shape[:2]
        rate = smooth_curves(count, size, 3, generator)
        rate = rate * strengths(count, 0.1, FASTEST, generator)
        acceleration = smooth_curves(count, size, 3, generator)
        acceleration = acceleration * strengths(count, 0.02, STRONGEST, generator)
        burst = bursts(count, size, generator)
        burst[::2] = 1
        rate, acceleration = rate * burst, acceleration * burst
        scale = self.augmentation.angular_velocity_scale
        still = self.rest(windows, generator)[:, 0, :3]
        gravity = turned_gravity(still / still.norm(dim=1, keepdim=True), rate / RATE)
        return torch.cat([gravity + acceleration, rate / scale], dim=2)

    def reversed(self, windows: Tensor, generator: Generator) -> Tensor:
        """Play windows backwards; rotations change their sense."""
        back = windows.flip(1).clone()
        back[:, :, 3:] *= -1
        return back

    def remounted(self, windows: Tensor, generator: Generator) -> Tensor:
        """Put the strap on the wrong way round, with any roll about the limb."""
        return rotate(end_for_end(windows), math.pi, 0.1, generator)

    def misreported(self, windows: Tensor, generator: Generator) -> Tensor:
        """Report windows as wrong drivers do.

        Every other window lacks gravity: its acceleration less the mean over a second around it.
        The others have the angular velocity of a sensor in a random orientation, or of a
        left-handed one.
        """
        found = windows.clone()
        acceleration = windows[::2, :, :3].transpose(1, 2)
        around = avg_pool1d(
            acceleration, SECOND, stride=1, padding=SECOND // 2, count_include_pad=False
        )
        found[::2, :, :3] = (acceleration - around).transpose(1, 2)
        found[1::2, :, 3:] = anyhow(windows[1::2], generator)[:, :, 3:]
        found[3::4, :, 3:] = -windows[3::4, :, 3:]
        return found


def end_for_end(windows: Tensor) -> Tensor:
    """Return windows (count, size, 6) of a sensor turned by 180° about its z axis."""
    return windows * torch.tensor([-1.0, -1.0, 1.0, -1.0, -1.0, 1.0])


def anyhow(windows: Tensor, generator: Generator) -> Tensor:
    """Return windows (count, size, 6) in a random orientation each."""
    return rotate(windows, math.pi, 10.0, generator)


def bursts(count: int, size: int, generator: Generator) -> Tensor:
    """Return envelopes (count, size, 1) from 0 to 1, each with one maximum."""
    centre = torch.rand(count, 1, 1, generator=generator) * size
    width = (0.1 + 0.4 * torch.rand(count, 1, 1, generator=generator)) * size
    return torch.exp(-((torch.arange(size)[None, :, None] - centre) / width) ** 2)


def turned_gravity(first: Tensor, turns: Tensor) -> Tensor:
    """Return gravity (count, size, 3) in the frame of a sensor that turns.

    :param first: unit vectors (count, 3), at the beginning.
    :param turns: of the sensor from one sample to the next, (count, size, 3), rad.
    """
    gravity = [first]
    for turn in turns[:, 1:].unbind(dim=1):
        vector = gravity[-1] - torch.linalg.cross(turn, gravity[-1])
        gravity.append(vector / vector.norm(dim=1, keepdim=True))
    return torch.stack(gravity, dim=1)
