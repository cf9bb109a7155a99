# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Augmentation of log-mel windows: other rooms, distances and moments."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor


@dataclass(frozen=True)
class AudioAugmentation:
    """Strengths; 0 turns an effect off.

    :param gain: largest level change, in the model's units (1 is 20 dB).
    :param tone: largest level change from the lowest band to the highest, in the same units.
    :param shift: largest shift in time as a share of the window; the ends are repeated.
    :param noise: standard deviation of white noise on the features.
    :param mask_time: largest share of frames masked (SpecAugment, Park et al. 2019).
    :param mask_bands: largest share of bands masked.
    """

    gain: float = 0.0
    tone: float = 0.0
    shift: float = 0.0
    noise: float = 0.0
    mask_time: float = 0.0
    mask_bands: float = 0.0

    def __call__(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return windows (batch, size, mels); masks hold the mean."""
        count, size = windows.shape[:2]

        def draw(low: float, high: float) -> Tensor:
            return low + (high - low) * torch.rand(count, 1, generator=generator)

        start = size * draw(-self.shift, self.shift)
        frames = (start + torch.arange(size)).round().clamp(0, size - 1).long()
        x = windows[torch.arange(count)[:, None], frames]
        slope = torch.linspace(-0.5, 0.5, x.shape[2])
        x = x + (draw(-self.gain, self.gain) + draw(-self.tone, self.tone) * slope)[:, None]
        if self.noise:
            x = x + self.noise * torch.randn(x.shape, generator=generator)
        mean = x.mean(dim=(1, 2), keepdim=True)
        for axis, share in ((1, self.mask_time), (2, self.mask_bands)):
            places = torch.arange(x.shape[axis])
            width = draw(0, share) * len(places)
            first = draw(0, 1) * (len(places) - width)
            masked = (places >= first) & (places < first + width)
            x = torch.where(masked.unsqueeze(3 - axis), mean, x)
        return x
