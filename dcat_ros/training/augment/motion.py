# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Other times and other directions, for windows of vectors."""

import torch
from torch import Tensor


def interpolated(x: Tensor, at: Tensor) -> Tensor:
    """Return x (batch, size, ...) at fractional samples (batch, size), the ends repeated."""
    at = at.clamp(0, x.shape[1] - 1)
    before = at.floor().long().clamp(max=x.shape[1] - 2)
    rows = torch.arange(len(x))[:, None]
    part = (at - before).view(*at.shape, *[1] * (x.ndim - 2))
    return torch.lerp(x[rows, before], x[rows, before + 1], part)


def rotations(vectors: Tensor) -> Tensor:
    """Return the matrices (batch, 3, 3) of rotation vectors (batch, 3), rad."""
    x, y, z = vectors.unbind(dim=1)
    zero = torch.zeros_like(x)
    rows = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=1)
    return torch.matrix_exp(rows.view(-1, 3, 3))
