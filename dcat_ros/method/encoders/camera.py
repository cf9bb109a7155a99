# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Encoder of a window of depth frames."""

from itertools import pairwise

import torch
from torch import nn, Tensor


def shift_in_time(frames: Tensor, share: int) -> Tensor:
    """Take 1/share of the channels from the next frame and as many from the previous one.

    The temporal shift of Lin et al., TSM (2019): frames exchange information at no cost.

    :param frames: (batch, tokens, rows, columns, channels)
    :param share: the part of the channels moved each way, as its inverse
    :return: the same shape, zeros where the window ends
    """
    size = frames.shape[-1] // share
    edge = torch.zeros_like(frames[:, :1, ..., :size])
    after = torch.cat([frames[:, 1:, ..., :size], edge], dim=1)
    before = torch.cat([edge, frames[:, :-1, ..., size:2 * size]], dim=1)
    return torch.cat([after, before, frames[..., 2 * size:]], dim=-1)


class SpatialBlock(nn.Module):
    """Temporal shift, then a convolution that halves the resolution.

    :param channels: channels in
    :param width: channels out
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Tensor, tokens: int) -> Tensor:
        """Map (batch * tokens, channels, h, w) to (batch * tokens, width, h / 2, w / 2)."""
        frames = x.permute(0, 2, 3, 1).unflatten(0, (-1, tokens))
        return self.body(shift_in_time(frames, 8).flatten(0, 1).permute(0, 3, 1, 2))


class TemporalBlock(nn.Module):
    """Residual convolution over tokens.

    :param dim: channels in and out
    :param kernel: odd kernel length in tokens
    :param dropout: share of activations dropped in training
    """

    def __init__(self, dim: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(dim, dim, kernel, padding=kernel // 2, bias=False),
            nn.BatchNorm1d(dim),
            nn.ReLU(inplace=True),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, dim, tokens) to the same shape."""
        return x + self.body(x)


class DepthEncoder(nn.Module):
    """Stacks of four frames become maps, maps become tokens, tokens are mixed over time.

    The input is each frame and its difference from the window's mean frame, which does not
    depend on the person's build. Each token covers four frames, stacked as channels, and starts
    two frames after the previous token.

    :param size: even number of frames in a window
    :param channels: channels of a frame
    :param height: rows of a frame
    :param width: columns of a frame
    :param dim: width of the tokens
    :param dropout: share of a frame's map dropped in training before it becomes a token
    """

    widths = (16, 32, 64)

    def __init__(
        self,
        size: int = 20,
        channels: int = 2,
        height: int = 40,
        width: int = 32,
        dim: int = 64,
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        first, *_, last = self.widths
        self.scale = nn.BatchNorm3d(2 * channels, affine=False)
        self.clips = nn.Conv3d(
            2 * channels, first, (4, 3, 3), stride=2, padding=(0, 1, 1), bias=False
        )
        self.stem = nn.Sequential(nn.BatchNorm2d(first), nn.ReLU(inplace=True))
        self.space = nn.ModuleList(
            SpatialBlock(wide, wider) for wide, wider in pairwise(self.widths)
        )
        cells = -(-height // 8) * -(-width // 8)
        self.project = nn.Sequential(
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(last * cells, dim),
            nn.BatchNorm1d(dim),
            nn.ReLU(),
        )
        self.time = nn.Sequential(*(TemporalBlock(dim, 5, 0.2) for _ in range(2)))
        self.position = nn.Parameter(torch.zeros(size // 2, dim))

    def forward(self, window: Tensor) -> Tensor:
        """Encode windows.

        :param window: (batch, size, channels, height, width)
        :return: tokens (batch, size / 2, dim)
        """
        frames = torch.cat([window, window - window.mean(dim=1, keepdim=True)], dim=2)
        scaled = self.scale(frames.transpose(1, 2))
        padded = torch.cat([scaled[:, :, :1], scaled, scaled[:, :, -1:]], dim=2)
        clips = self.clips(padded.contiguous(memory_format=torch.channels_last_3d))
        tokens = clips.shape[2]
        x = self.stem(clips.permute(0, 2, 3, 4, 1).flatten(0, 1).permute(0, 3, 1, 2))
        for block in self.space:
            x = block(x, tokens)
        x = self.project(x).unflatten(0, (-1, tokens))
        return self.time(x.transpose(1, 2)).transpose(1, 2) + self.position
