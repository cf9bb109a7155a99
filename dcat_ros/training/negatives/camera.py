# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Image windows of none of the classes."""

from dcat_ros.training.negatives.clips import ClipNegatives, held, smooth_curves, strengths
import torch
from torch import Generator, Tensor
from torch.nn.functional import affine_grid, grid_sample


class CameraNegatives(ClipNegatives):
    """Makes negatives of windows (count, size, channels, rows, columns)."""

    def rest(self, windows: Tensor, generator: Generator) -> Tensor:
        """Repeat one frame of each window, a motionless person, and blank every other window."""
        still = held(windows, generator)
        still[::2] = 0
        return still

    def smooth(self, windows: Tensor, generator: Generator) -> Tensor:
        """Move one frame of each window along a smooth random path: shift, turn and size."""
        count, size, channels, rows, columns = windows.shape
        path = smooth_curves(count, size, 4, generator) * strengths(count, 0.02, 0.3, generator)
        angle, scale, right, down = path.flatten(0, 1).unbind(dim=1)
        wide, ratio = scale.exp(), rows / columns
        matrix = torch.stack([
            torch.stack([wide * angle.cos(), -wide * angle.sin() * ratio, right], dim=1),
            torch.stack([wide * angle.sin() / ratio, wide * angle.cos(), down], dim=1),
        ], dim=1)
        frames = held(windows, generator).flatten(0, 1)
        grid = affine_grid(matrix, [count * size, channels, rows, columns], align_corners=False)
        return grid_sample(frames, grid, align_corners=False).unflatten(0, (count, size))

    def remounted(self, windows: Tensor, generator: Generator) -> Tensor:
        """Turn the camera upside down."""
        return upside_down(windows)


def upside_down(windows: Tensor) -> Tensor:
    """Return windows (count, size, channels, rows, columns) turned by 180° in the image plane."""
    return windows.flip(3, 4)
