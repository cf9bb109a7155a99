# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Augmentation of image windows: other persons, places and cameras."""

from dataclasses import dataclass
import math

import torch
from torch import Generator, Tensor
from torch.nn.functional import affine_grid, grid_sample


@dataclass(frozen=True)
class CameraAugmentation:
    """Strengths; 0 turns an effect off. Each is drawn once a window.

    :param tempo: largest absolute logarithm of the speed.
    :param shift_time: largest shift as a share of the window; the ends are repeated.
    :param bend: largest deviation from an even tempo as a share of the window.
    :param rotation: largest rotation in the image plane, rad.
    :param scale: largest absolute logarithm of the magnification.
    :param aspect: the same of height against width.
    :param shear: largest shear.
    :param shift: largest shift as a share of the image's size.
    :param contrast: largest absolute logarithm of a factor on all channels.
    :param nearness_gain: for depth: the same on nearness (channel 1) alone.
    :param nearness_offset: for depth: largest offset of nearness within the silhouette, m.
    :param noise: largest standard deviation of white noise. It varies between windows: with equal
        noise in all windows, a network may fail on clean ones.
    :param erase: share of windows in which a rectangle is blank.
    """

    tempo: float = 0.0
    shift_time: float = 0.0
    bend: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    aspect: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    contrast: float = 0.0
    nearness_gain: float = 0.0
    nearness_offset: float = 0.0
    noise: float = 0.0
    erase: float = 0.0

    def __call__(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return windows (batch, size, channels, rows, columns)."""
        draw = Draw(len(windows), generator)
        x = self._warped(windows, draw)
        x = self._moved(x, draw)
        if self.contrast:
            x = x * draw(self.contrast).exp().view(-1, 1, 1, 1, 1)
        if self.nearness_gain or self.nearness_offset:
            silhouette, nearness = x[:, :, :1], x[:, :, 1:]
            gain = draw(self.nearness_gain).exp().view(-1, 1, 1, 1, 1)
            offset = draw(self.nearness_offset).view(-1, 1, 1, 1, 1)
            x = torch.cat([silhouette, nearness * gain + offset * silhouette], dim=2)
        if self.noise:
            strength = draw(self.noise).abs().view(-1, 1, 1, 1, 1)
            x = x + strength * torch.randn(x.shape, generator=generator)
        return self._erased(x, draw, generator) if self.erase else x

    def _warped(self, windows: Tensor, draw: 'Draw') -> Tensor:
        """Take frames at random tempo; the ends are repeated."""
        size = windows.shape[1]
        centre = (size - 1) / 2
        at = torch.arange(size)[None]
        start = size * draw(self.shift_time).view(-1, 1)
        bend = size * draw(self.bend).view(-1, 1) * torch.sin(math.pi * at / (size - 1))
        wanted = (at - centre) * draw(self.tempo).exp().view(-1, 1) + centre + start + bend
        frames = wanted.round().clamp(0, size - 1).long()
        return windows[torch.arange(len(windows))[:, None], frames]

    def _moved(self, x: Tensor, draw: 'Draw') -> Tensor:
        batch, _, _, rows, columns = x.shape
        angle = draw(self.rotation)
        wide = draw(self.scale).exp()
        high = wide * draw(self.aspect).exp()
        shear = draw(self.shear)
        ratio = rows / columns
        matrix = torch.stack([
            torch.stack([
                wide * angle.cos(), (shear - wide * angle.sin()) * ratio, 2 * draw(self.shift)
            ], dim=1),
            torch.stack([high * angle.sin() / ratio, high * angle.cos(), 2 * draw(self.shift)],
                        dim=1),
        ], dim=1)
        grid = affine_grid(matrix, [batch, 1, rows, columns], align_corners=False)
        return grid_sample(x.flatten(1, 2), grid, align_corners=False).view(x.shape)

    def _erased(self, x: Tensor, draw: 'Draw', generator: Generator) -> Tensor:
        """Blank a rectangle, 0.1 to 0.35 of each side, through the whole window."""
        inside = torch.rand(len(x), 1, 1, generator=generator) < self.erase
        for axis, count in ((1, x.shape[3]), (2, x.shape[4])):
            centre = (draw(0.5) + 0.5) * count
            half = (draw(0.125) + 0.225) * count / 2
            near = (torch.arange(count)[None] - centre[:, None]).abs() < half[:, None]
            inside = inside & near.unsqueeze(3 - axis)
        return x * ~inside[:, None, None]


class Draw:
    """Draws one number a window, uniform in plus or minus a strength."""

    def __init__(self, count: int, generator: Generator) -> None:
        self._count = count
        self._generator = generator

    def __call__(self, strength: float) -> Tensor:
        """Return (count,)."""
        return (2 * torch.rand(self._count, generator=self._generator) - 1) * strength
