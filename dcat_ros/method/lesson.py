# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a frozen source says of a window."""

from __future__ import annotations

from typing import NamedTuple

from dcat_ros.method.alignment import cross_matrix
from dcat_ros.method.network import Output
import torch
from torch import Tensor


class Lesson(NamedTuple):
    """What the target may learn from, for each window of a batch.

    ``present`` (batch,) bool: whether the window has a partner; elsewhere the rest means nothing.
    ``matrix`` (batch, dim, dim): Kᵀ V, see :func:`dcat_ros.method.alignment.cross_matrix`.
    ``logits`` (batch, classes): in the order of the target's classes. ``pooled`` (batch, 2 dim).
    """

    present: Tensor
    matrix: Tensor
    logits: Tensor
    pooled: Tensor


@torch.no_grad()
def lesson_of(output: Output) -> Lesson:
    """Return what a source's output teaches."""
    present = torch.ones(len(output.logits), dtype=torch.bool, device=output.logits.device)
    return Lesson(present, cross_matrix(output.k, output.v), output.logits, output.pooled)
