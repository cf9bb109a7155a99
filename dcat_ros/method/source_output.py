# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The output of a frozen source that a transfer method uses."""

from __future__ import annotations

from typing import NamedTuple

from dcat_ros.method.alignment import cross_matrix
from dcat_ros.method.network import Output
import torch
from torch import Tensor


class SourceOutput(NamedTuple):
    """What the target can learn from the source, for each window of a batch.

    ``present`` (batch,) bool: whether the window has a partner; elsewhere the rest means nothing.
    ``matrix`` (batch, dim, dim): Kᵀ V, see :func:`dcat_ros.method.alignment.cross_matrix`.
    ``logits`` (batch, classes): in the order of the target's classes. ``pooled`` (batch, 2 dim).
    """

    present: Tensor
    matrix: Tensor
    logits: Tensor
    pooled: Tensor


@torch.no_grad()
def source_output_of(output: Output) -> SourceOutput:
    """Return the parts of a source network's output that transfer methods use."""
    present = torch.ones(len(output.logits), dtype=torch.bool, device=output.logits.device)
    return SourceOutput(present, cross_matrix(output.k, output.v), output.logits, output.pooled)
