# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The ways in which a frozen source teaches, by name."""

from __future__ import annotations

from typing import ClassVar

from dcat_ros.method.alignment import cross_matrix, matrix_distance
from dcat_ros.method.distillation import soft_label_loss
from dcat_ros.method.network import Output
from dcat_ros.method.source_output import SourceOutput
from torch import nn, Tensor


class Method(nn.Module):
    """The loss of one source: (output, lesson) to the loss of each window, (batch,)."""

    weights: ClassVar[tuple[float, ...]]
    """λ to choose from on validation subjects, the default first."""


class Dcat(Method):
    """The published loss: agreement of Kᵀ V (arXiv 2509.09747)."""

    weights = (1.0, 0.3, 3.0)

    def forward(self, output: Output, source_output: SourceOutput) -> Tensor:
        """Return the distance of each window's cross matrices, (batch,)."""
        return matrix_distance(source_output.matrix, cross_matrix(output.k, output.v))


class Distillation(Method):
    """Classic knowledge distillation: soft labels at a temperature (Hinton et al. 2015)."""

    weights = (2.0, 1.0, 4.0)
    temperature = 2.0

    def forward(self, output: Output, source_output: SourceOutput) -> Tensor:
        """Return the divergence of each window's soft labels, (batch,)."""
        return soft_label_loss(source_output.logits, output.logits, self.temperature)


class DcatSoft(Distillation):
    """Soft labels and, beside them, the agreement of Kᵀ V.

    The soft labels say what a window shows, labelled or not; the attention says how the source
    came to see it. Alone the attention gains little, and with a larger share it gets in the way of
    the labels.
    """

    attention = 0.2

    def forward(self, output: Output, source_output: SourceOutput) -> Tensor:
        """Return the weighted sum of both for each window, (batch,)."""
        agreement = matrix_distance(source_output.matrix, cross_matrix(output.k, output.v))
        return super().forward(output, source_output) + self.attention * agreement


METHODS: dict[str, type[Method]] = {
    'dcat': Dcat, 'dcat_soft': DcatSoft, 'distillation': Distillation,
}
