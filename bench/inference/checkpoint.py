# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Checkpoint of the hand-written node: weights, and settings of model and sensor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcat_ros.method import Classifier, Ensemble, Network
from dcat_ros.method.encoders.camera import DepthEncoder
from dcat_ros.method.encoders.imu import ImuEncoder
import torch
from torch import nn, Tensor

IMU_CHANNELS = 6


@dataclass(frozen=True)
class Checkpoint:
    """A network for one sensor at one rate.

    :param sensor: ``imu`` or ``camera``.
    :param settings: the sensor's feature settings.
    :param shape: of one model input.
    :param thinning: the window takes one message out of so many.
    :param every: messages from one answer to the next.
    :param classes: labels in the order of the logits.
    :param temperature: divides the logits before the softmax.
    :param dim: width of the network's tokens.
    :param members: networks in the ensemble, 1 for none.
    :param state: of the network.
    """

    sensor: str
    settings: dict[str, Any]
    shape: list[int]
    thinning: int
    every: int
    classes: list[str]
    temperature: float
    dim: int
    members: int
    state: dict[str, Tensor]

    @property
    def messages(self) -> int:
        """Messages in one window."""
        return self.shape[0] * self.thinning

    def network(self) -> Classifier:
        """Return the network in evaluation mode."""
        network = build(self.shape, self.dim, len(self.classes), self.members)
        network.load_state_dict(self.state)
        return network

    def save(self, path: Path) -> None:
        """Write the checkpoint."""
        torch.save(vars(self), path)

    @classmethod
    def load(cls, path: str) -> Checkpoint:
        """Read a checkpoint; only tensors and plain values are unpickled."""
        return cls(**torch.load(path, weights_only=True))


def build(shape: Sequence[int], dim: int, classes: int, members: int = 1) -> Classifier:
    """Return a network or an ensemble with random weights, in evaluation mode.

    :param shape: of one model input, (samples, channels) or (frames, channels, rows, columns).
    """
    if members > 1:
        return Ensemble([_network(shape, dim, classes) for _ in range(members)]).eval()
    return _network(shape, dim, classes).eval()


def _network(shape: Sequence[int], dim: int, classes: int) -> Network:
    if len(shape) == 2:
        encoder: nn.Module = ImuEncoder(shape[1], dim, align_roll=shape[1] == IMU_CHANNELS)
    else:
        size, channels, height, width = shape
        encoder = DepthEncoder(size, channels, height, width, dim)
    return Network(encoder, dim, classes)
