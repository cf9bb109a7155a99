# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The classifier of one modality: encoder, self-attention, pooling, linear classifier."""

from typing import NamedTuple

from dcat_ros.method.attention import SelfAttention
import torch
from torch import nn, Tensor


class Output(NamedTuple):
    """Logits (batch, classes); Q, K, V (batch, tokens, dim); pooled features (batch, 2 dim)."""

    logits: Tensor
    q: Tensor
    k: Tensor
    v: Tensor
    pooled: Tensor


class Network(nn.Module):
    """Encoder → tokens → self-attention → pooled → logits.

    :param encoder: module that maps a window (batch, ...) to tokens (batch, tokens, dim)
    :param dim: width of the encoder's tokens
    :param classes: number of classes
    :param dropout: share of pooled features dropped in training
    """

    def __init__(self, encoder: nn.Module, dim: int, classes: int, dropout: float = 0.3) -> None:
        super().__init__()
        self.dim = dim
        self.pooled_dim = 2 * dim
        self.classes = classes
        self.encoder = encoder
        self.attention = SelfAttention(dim)
        self.norm = nn.LayerNorm(dim)
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(self.pooled_dim, classes))

    def forward(self, window: Tensor) -> Output:
        """Classify a batch of windows.

        :param window: the modality's features, (batch, ...)
        :return: logits, Q, K, V and pooled features
        """
        tokens = self.encoder(window)
        attended = self.attention(tokens)
        mixed = self.norm(tokens + attended.tokens)
        pooled = torch.cat([mixed.mean(dim=1), mixed.amax(dim=1)], dim=1)
        return Output(self.classifier(pooled), attended.q, attended.k, attended.v, pooled)
