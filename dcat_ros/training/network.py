# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The network of a configuration."""

from typing import Any

from dcat_ros.method import Network
from dcat_ros.method.encoders.audio import AudioEncoder
from dcat_ros.method.encoders.camera import DepthEncoder
from dcat_ros.method.encoders.imu import ImuEncoder
from dcat_ros.modalities.body import JOINTS
from dcat_ros.training.config import Config
from dcat_ros.training.errors import TrainingError
import torch
from torch import nn, Tensor


def build(config: Config, shape: tuple[int, ...], classes: int) -> Network:
    """Return a new network with random weights.

    :param shape: of one model input.
    :raises TrainingError: if a setting of the encoder is unknown or out of range.
    """
    try:
        encoder = _encoder(config.modality, shape, {'dim': config.dim, **config.encoder})
    except (TypeError, ValueError) as error:
        raise TrainingError(f'encoder of {config.modality}: {error}') from error
    if config.features.get('flat'):
        encoder = nn.Sequential(WithoutDepth(), encoder)
    return Network(encoder, config.dim, classes, config.dropout)


class WithoutDepth(nn.Module):
    """Sets the depth of all joints to 0, after augmentation has turned the view."""

    def __init__(self) -> None:
        super().__init__()
        kept = torch.tensor([1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0])
        self.register_buffer('kept', kept.repeat(len(JOINTS)), persistent=False)

    def forward(self, windows: Tensor) -> Tensor:
        """Return windows (batch, size, 91) of a skeleton without depth."""
        return windows * self.get_buffer('kept')


def _encoder(modality: str, shape: tuple[int, ...], settings: dict[str, Any]) -> nn.Module:
    """Return the encoder; by the shape of the features for a modality without its own."""
    if modality == 'audio':
        return AudioEncoder(mels=shape[1], **settings)
    if len(shape) == 4:
        size, channels, height, width = shape
        return DepthEncoder(size, channels, height, width, **settings)
    return ImuEncoder(channels=shape[1], align_roll=modality == 'imu', **settings)
