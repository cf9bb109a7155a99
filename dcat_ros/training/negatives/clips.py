# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Negatives that are made of clips in the same way for every modality."""

from dcat_ros.training.augment import Augmentation
import torch
from torch import Generator, Tensor

JOINT = 0.05
"""Share of a window over which a splice fades."""


class ClipNegatives:
    """Makes negatives of windows (count, size, ...).

    :param augmentation: that of the labelled windows, which recorded negatives get too.
    """

    def __init__(self, augmentation: Augmentation) -> None:
        self.augmentation = augmentation

    def recorded(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return recorded windows, augmented."""
        return self.augmentation(windows, generator)

    def rest(self, windows: Tensor, generator: Generator) -> Tensor:
        """Repeat one random frame of each window."""
        return held(windows, generator)

    def spliced(self, windows: Tensor, generator: Generator) -> Tensor:
        """Join the beginning of each window with the end of another one: a transition."""
        count, size = windows.shape[:2]
        shape = (count, *[1] * (windows.ndim - 1))
        cut = size * (0.35 + 0.3 * torch.rand(shape, generator=generator))
        at = torch.arange(size).view(1, size, *shape[2:])
        share = torch.sigmoid((at - cut) / (JOINT * size))
        return torch.lerp(windows, windows.roll(1, dims=0), share)

    def reversed(self, windows: Tensor, generator: Generator) -> Tensor:
        """Play windows backwards."""
        return windows.flip(1)


def held(windows: Tensor, generator: Generator) -> Tensor:
    """Return windows (count, size, ...) that repeat one random frame of each."""
    count, size = windows.shape[:2]
    chosen = torch.randint(size, (count,), generator=generator)
    return windows[torch.arange(count), chosen].unsqueeze(1).repeat_interleave(size, dim=1)


def smooth_curves(count: int, size: int, channels: int, generator: Generator) -> Tensor:
    """Return smooth random curves (count, size, channels) with a mean square of 1.

    Each is a sum of eight sinusoids, of at most 1.5 to 16 periods a window.
    """
    highest = 1.5 + 14.5 * torch.rand(count, 1, 1, 1, generator=generator) ** 2
    periods = 0.1 + highest * torch.rand(count, 8, 1, 1, generator=generator) ** 2
    phase = 2 * torch.pi * torch.rand(count, 8, 1, channels, generator=generator)
    height = torch.randn(count, 8, 1, channels, generator=generator) / periods.sqrt()
    turn = 2 * torch.pi * torch.arange(size).view(1, 1, size, 1) / size
    curves = (height * torch.sin(turn * periods + phase)).sum(dim=1)
    return curves / curves.square().mean(dim=(1, 2), keepdim=True).sqrt().clamp(min=1e-6)


def strengths(count: int, low: float, high: float, generator: Generator) -> Tensor:
    """Return (count, 1, 1) factors between two, evenly spread on a logarithmic scale."""
    return low * (high / low) ** torch.rand(count, 1, 1, generator=generator)
