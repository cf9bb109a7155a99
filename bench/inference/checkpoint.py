# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a hand-written node loads: weights, and what its author knows of model and sensor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.inference.network import build
from dcat_ros.method import Network
import torch
from torch import Tensor


@dataclass(frozen=True)
class Checkpoint:
    """A network for one sensor at one rate.

    :param sensor: ``imu`` or ``camera``.
    :param settings: the sensor's feature settings.
    :param shape: of one model input.
    :param thinning: every so many-th message enters the window.
    :param every: messages from one answer to the next.
    :param classes: labels in the order of the logits.
    :param temperature: divides the logits before the softmax.
    :param dim: width of the network's tokens.
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
    state: dict[str, Tensor]

    @property
    def messages(self) -> int:
        """Messages in one window."""
        return self.shape[0] * self.thinning

    def network(self) -> Network:
        """Return the network, ready to infer."""
        network = build(self.shape, self.dim, len(self.classes))
        network.load_state_dict(self.state)
        return network

    def save(self, path: Path) -> None:
        """Write it down."""
        torch.save(vars(self), path)

    @classmethod
    def load(cls, path: str) -> Checkpoint:
        """Read it; nothing is unpickled but tensors and plain values."""
        return cls(**torch.load(path, weights_only=True))
