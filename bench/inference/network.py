# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The network of a hand-written node: the package's own modules, run eagerly by torch."""

from __future__ import annotations

from collections.abc import Sequence

from dcat_ros.method import Network
from dcat_ros.method.encoders.camera import DepthEncoder
from dcat_ros.method.encoders.imu import ImuEncoder
from torch import nn


def build(shape: Sequence[int], dim: int, classes: int) -> Network:
    """Return a network with random weights, ready to infer.

    :param shape: of one model input, (samples, channels) or (frames, channels, rows, columns).
    """
    return Network(_encoder(shape, dim), dim, classes).eval()


def _encoder(shape: Sequence[int], dim: int) -> nn.Module:
    if len(shape) == 2:
        return ImuEncoder(shape[1], dim)
    size, channels, height, width = shape
    return DepthEncoder(size, channels, height, width, dim)
