# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Single-head self-attention that hands out its projections."""

from typing import NamedTuple

from torch import nn, Tensor


class Attended(NamedTuple):
    """What self-attention returns; every field is (batch, tokens, dim)."""

    tokens: Tensor
    q: Tensor
    k: Tensor
    v: Tensor


class SelfAttention(nn.Module):
    """Scaled dot-product self-attention, softmax(Q Kᵀ / √dim) V, as in Vaswani et al. (2017).

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

    def forward(self, tokens: Tensor) -> Attended:
        """Attend from every token to every token.

        :param tokens: (batch, tokens, dim)
        :return: attended tokens, Q, K and V
        """
        q, k, v = self.query(tokens), self.key(tokens), self.value(tokens)
        weights = (q @ k.transpose(1, 2) * self.scale).softmax(dim=-1)
        return Attended(weights @ v, q, k, v)
