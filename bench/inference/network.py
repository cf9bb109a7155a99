# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The network of a hand-written node: the package's own modules, run eagerly by torch."""

from __future__ import annotations

from collections.abc import Sequence

from dcat_ros.method import Network
from dcat_ros.method.encoders.camera import DepthEncoder
from dcat_ros.method.encoders.imu import ImuEncoder
import torch
from torch import nn, Tensor


class StackedDepthEncoder(DepthEncoder):
    """The depth encoder that frames enter stacked: four of them as the channels of one image.

    Bundles exported before the frames were convolved in time have it.
    """

    def __init__(self, size: int, channels: int, height: int, width: int, dim: int) -> None:
        super().__init__(size, channels, height, width, dim)
        del self.scale, self.clips
        stacked, first = 8 * channels, self.widths[0]
        self.stem = nn.Sequential(
            nn.BatchNorm2d(stacked, affine=False),
            nn.Conv2d(stacked, first, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(inplace=True),
        )

    def forward(self, window: Tensor) -> Tensor:
        """Encode windows, as :class:`DepthEncoder` does."""
        frames = torch.cat([window, window - window.mean(dim=1, keepdim=True)], dim=2)
        padded = torch.cat([frames[:, :1], frames, frames[:, -1:]], dim=1)
        tokens = frames.shape[1] // 2
        clips = torch.cat([padded[:, i:i + 2 * tokens - 1:2] for i in range(4)], dim=2)
        x = self.stem(clips.flatten(0, 1).contiguous(memory_format=torch.channels_last))
        for block in self.space:
            x = block(x, tokens)
        x = self.project(x).unflatten(0, (-1, tokens))
        return self.time(x.transpose(1, 2)).transpose(1, 2) + self.position


def build(shape: Sequence[int], dim: int, classes: int, stacked: bool) -> Network:
    """Return a network with random weights, ready to infer.

    :param shape: of one model input, (samples, channels) or (frames, channels, rows, columns).
    :param stacked: whether depth frames enter stacked.
    """
    return Network(_encoder(shape, dim, stacked), dim, classes).eval()


def _encoder(shape: Sequence[int], dim: int, stacked: bool) -> nn.Module:
    if len(shape) == 2:
        return ImuEncoder(shape[1], dim)
    size, channels, height, width = shape
    kind = StackedDepthEncoder if stacked else DepthEncoder
    return kind(size, channels, height, width, dim)
