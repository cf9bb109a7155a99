# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The classifier of one modality: encoder, self-attention, pooling, linear classifier."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn, Tensor


class AttentionOutput(NamedTuple):
    """Attended tokens and the projections; every field is (batch, tokens, dim)."""

    tokens: Tensor
    q: Tensor
    k: Tensor
    v: Tensor


class SelfAttention(nn.Module):
    """Single-head self-attention, softmax(Q Kᵀ / √dim) V, as in Vaswani et al. (2017).

    Q, K and V are returned beside the attended tokens, because cross-modal alignment (D-CAT)
    compares the matrices Kᵀ V of two modalities.

    :param dim: width of the tokens and of Q, K and V
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.scale = dim**-0.5
        self.query = nn.Linear(dim, dim)
        self.key = nn.Linear(dim, dim)
        self.value = nn.Linear(dim, dim)

    def forward(self, tokens: Tensor) -> AttentionOutput:
        """Attend from every token to every token.

        :param tokens: (batch, tokens, dim)
        """
        q, k, v = self.query(tokens), self.key(tokens), self.value(tokens)
        weights = (q @ k.transpose(1, 2) * self.scale).softmax(dim=-1)
        return AttentionOutput(weights @ v, q, k, v)


class NetworkOutput(NamedTuple):
    """Logits (batch, classes); Q, K, V (batch, tokens, dim); pooled features (batch, 2 dim)."""

    logits: Tensor
    q: Tensor
    k: Tensor
    v: Tensor
    pooled: Tensor


class Network(nn.Module):
    """Encoder → tokens → self-attention → pooled features → logits.

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

    def forward(self, window: Tensor) -> NetworkOutput:
        """Classify a batch of windows.

        :param window: the modality's features, (batch, ...)
        """
        tokens = self.encoder(window)
        attended = self.attention(tokens)
        mixed = self.norm(tokens + attended.tokens)
        pooled = torch.cat([mixed.mean(dim=1), mixed.amax(dim=1)], dim=1)
        return NetworkOutput(self.classifier(pooled), attended.q, attended.k, attended.v, pooled)


class Ensemble(nn.Module):
    """Networks of the same shape, fitted with different seeds, whose softmax is averaged.

    Such a mean errs less than its members, and is less certain of what it does not know
    (Lakshminarayanan et al., arXiv 1612.01474). K, V and pooled features are those of the first.

    :param members: the networks.
    """

    def __init__(self, members: Sequence[Network]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.dim = members[0].dim
        self.pooled_dim = members[0].pooled_dim
        self.classes = members[0].classes

    def forward(self, window: Tensor) -> NetworkOutput:
        """Classify a batch of windows; the logits are the logarithm of the mean softmax."""
        outputs = [member(window) for member in self.members]
        scores = torch.stack([output.logits.softmax(dim=1) for output in outputs]).mean(dim=0)
        return outputs[0]._replace(logits=scores.clamp(min=1e-12).log())


Classifier = Network | Ensemble
"""What maps windows to a :class:`NetworkOutput`."""
