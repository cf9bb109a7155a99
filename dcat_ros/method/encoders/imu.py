# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Encoder of an inertial window."""

import torch
from torch import nn, Tensor

LEAST_CHANNELS = 4
"""The gates of a block have a quarter as many hidden units."""


class ResidualBlock(nn.Module):
    """Temporal convolution, squeeze-and-excitation (Hu et al., 2018), skip connection.

    :param dim: channels in and out
    :param kernel: odd kernel length in tokens
    :param dropout: share of channels dropped in training
    """

    def __init__(self, dim: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(dim, dim, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm1d(dim),
            nn.GELU(),
            nn.Dropout1d(dropout),
        )
        self.gate = nn.Sequential(
            nn.Linear(dim, dim // 4), nn.ReLU(), nn.Linear(dim // 4, dim), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, dim, tokens) to the same shape."""
        y = self.body(x)
        return x + y * self.gate(y.mean(dim=2)).unsqueeze(2)


class RollAlignment(nn.Module):
    """Turns each window about the limb (x) until its mean lateral acceleration is along z.

    So the output does not depend on how a strap is rolled about the limb. In training, the turn is
    off by up to ``JITTER`` rad, since the mean is uncertain where gravity is along the limb.
    """

    JITTER = 0.5

    def forward(self, window: Tensor) -> Tensor:
        """Turn windows (batch, samples, 6): acceleration x y z, then angular velocity."""
        lateral = window[:, :, 1:3].mean(dim=1)
        towards = lateral / lateral.norm(dim=1, keepdim=True).clamp(min=1e-6)
        sine, cosine = towards[:, :1], towards[:, 1:]
        if self.training:
            error = (2 * torch.rand(len(window), 1, device=window.device) - 1) * self.JITTER
            sine, cosine = (
                sine * error.cos() + cosine * error.sin(),
                cosine * error.cos() - sine * error.sin(),
            )
        x, y, z = window.unflatten(2, (2, 3)).unbind(dim=3)
        sine, cosine = sine.unsqueeze(2), cosine.unsqueeze(2)
        turned = torch.stack([x, y * cosine - z * sine, y * sine + z * cosine], dim=3)
        return turned.flatten(2)


class ImuEncoder(nn.Module):
    """Multi-scale stem, residual temporal convolutions, tokens at a quarter of the sample rate.

    :param channels: input channels of a sample
    :param align_roll: whether the channels are those of an IMU, see :class:`RollAlignment`
    :param dim: width of the tokens
    :param dropout: share of channels dropped in training, in each block
    :param width: channels of the convolutions as a multiple of `dim`, above 0; unless it is 1, a
        linear layer maps them to tokens
    :raises ValueError: if the width is not above 0
    """

    kernels = (3, 7, 15)

    def __init__(
        self,
        channels: int = 6,
        dim: int = 64,
        dropout: float = 0.1,
        align_roll: bool = True,
        width: float = 1.0,
    ) -> None:
        super().__init__()
        if not width > 0:
            raise ValueError(f'width is {width}, expected more than 0')
        inner = max(LEAST_CHANNELS, round(width * dim))
        self.align = RollAlignment() if align_roll else nn.Identity()
        widths = [inner - 2 * (inner // 3), inner // 3, inner // 3]
        self.stem = nn.ModuleList(
            nn.Conv1d(channels, wide, kernel, stride=2, padding=kernel // 2, bias=False)
            for wide, kernel in zip(widths, self.kernels, strict=True)
        )
        self.norm = nn.Sequential(nn.BatchNorm1d(inner), nn.GELU())
        self.blocks = nn.Sequential(
            ResidualBlock(inner, 5, dropout),
            nn.AvgPool1d(2),
            ResidualBlock(inner, 5, dropout),
            ResidualBlock(inner, 5, dropout),
        )
        self.project = nn.Identity() if inner == dim else nn.Linear(inner, dim)

    def forward(self, window: Tensor) -> Tensor:
        """Encode windows.

        :param window: (batch, samples, channels)
        :return: tokens (batch, samples / 4, dim)
        """
        x = self.align(window).transpose(1, 2)
        x = torch.cat([branch(x) for branch in self.stem], dim=1)
        return self.project(self.blocks(self.norm(x)).transpose(1, 2))
