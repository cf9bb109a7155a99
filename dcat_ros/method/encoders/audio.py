# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Encoder of a log-mel window."""

from torch import nn, Tensor


class AudioEncoder(nn.Module):
    """Convolutions over time and frequency; a token covers all bands of four frames.

    :param mels: bands of a frame
    :param dim: width of the tokens
    :param dropout: share of channels dropped in training, in each convolution
    """

    widths = (16, 32, 64)
    strides = ((2, 2), (2, 2), (1, 2))

    def __init__(self, mels: int = 40, dim: int = 64, dropout: float = 0.1) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        sizes = zip((1, *self.widths[:-1]), self.widths, self.strides, strict=True)
        for channels, width, stride in sizes:
            layers += [
                nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(),
                nn.Dropout2d(dropout),
            ]
        self.body = nn.Sequential(*layers)
        self.project = nn.Linear(self.widths[-1] * -(-mels // 8), dim)

    def forward(self, window: Tensor) -> Tensor:
        """Encode windows.

        :param window: (batch, frames, mels)
        :return: tokens (batch, ceil(frames / 4), dim)
        """
        x = self.body(window.unsqueeze(1))
        return self.project(x.transpose(1, 2).flatten(2)).relu()
