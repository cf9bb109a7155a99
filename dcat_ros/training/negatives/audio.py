# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Log-mel windows of none of the classes."""

from dcat_ros.training.negatives.clips import ClipNegatives, smooth_curves, strengths
import torch
from torch import Generator, Tensor

OCTAVE = 0.25
"""An octave as a share of the bands, about, in the upper half of the mel scale."""


class AudioNegatives(ClipNegatives):
    """Makes negatives of windows (count, size, mels)."""

    def smooth(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return noise whose level and spectrum change smoothly, as loud as the windows."""
        count, size, mels = windows.shape
        level = windows.mean(dim=(1, 2), keepdim=True)
        tone = smooth_curves(count, mels, 1, generator).transpose(1, 2)
        change = smooth_curves(count, size, 1, generator)
        noise = torch.randn(windows.shape, generator=generator)
        return (
            level
            + tone * strengths(count, 0.05, 0.6, generator)
            + change * strengths(count, 0.05, 0.6, generator)
            + noise * strengths(count, 0.05, 0.3, generator)
        )

    def misreported(self, windows: Tensor, generator: Generator) -> Tensor:
        """Move the spectrum up or down by about an octave, as a wrong sample rate does."""
        mels = windows.shape[2]
        up = torch.rand(len(windows), 1, generator=generator) < 0.5
        bands = torch.arange(mels)[None] + torch.where(up, -OCTAVE, OCTAVE) * mels
        bands = bands.round().clamp(0, mels - 1).long()
        return windows.gather(2, bands[:, None].expand(windows.shape))
