# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Methods of transfer from a frozen source, by name."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from dcat_ros.method.alignment import cross_matrix, matrix_distance
from dcat_ros.method.network import NetworkOutput
import torch
from torch import nn, Tensor
from torch.nn.functional import kl_div, log_softmax


class SourceOutput(NamedTuple):
    """The output of a frozen source, for each target window of a batch.

    ``present`` (batch,) bool: whether the window has a partner; the other fields mean nothing
    where it has none. ``matrix`` (batch, dim, dim): Kᵀ V, see
    :func:`dcat_ros.method.alignment.cross_matrix`. ``logits`` (batch, classes): in the order of
    the target's classes. ``pooled`` (batch, 2 dim).
    """

    present: Tensor
    matrix: Tensor
    logits: Tensor
    pooled: Tensor

    @classmethod
    @torch.no_grad()
    def from_network(cls, output: NetworkOutput) -> SourceOutput:
        """Return the source output for windows that all have a partner."""
        present = torch.ones(len(output.logits), dtype=torch.bool, device=output.logits.device)
        return cls(present, cross_matrix(output.k, output.v), output.logits, output.pooled)


class Method(nn.Module):
    """The loss of one source: (output, source_output) to the loss of each window, (batch,)."""

    weights: ClassVar[tuple[float, ...]]
    """Values of λ to choose from on validation subjects; the first is the default."""


class Dcat(Method):
    """The published loss: agreement of Kᵀ V (arXiv 2509.09747)."""

    weights = (1.0, 0.3, 3.0)

    def forward(self, output: NetworkOutput, source_output: SourceOutput) -> Tensor:
        """Return the distance of each window's cross matrices, (batch,)."""
        return matrix_distance(source_output.matrix, cross_matrix(output.k, output.v))


class Distillation(Method):
    """Knowledge distillation: soft labels at a temperature (Hinton et al. 2015)."""

    weights = (2.0, 1.0, 4.0)
    temperature = 2.0

    def forward(self, output: NetworkOutput, source_output: SourceOutput) -> Tensor:
        """Return the divergence of each window's soft labels, (batch,)."""
        return soft_label_loss(source_output.logits, output.logits, self.temperature)


class DcatSoft(Distillation):
    """Soft labels, and the agreement of Kᵀ V with a small weight.

    Soft labels say which class a window shows, whether it is labelled or not. The agreement alone
    gains little, and a larger weight hinders learning from the labels.
    """

    attention = 0.2

    def forward(self, output: NetworkOutput, source_output: SourceOutput) -> Tensor:
        """Return the weighted sum of both for each window, (batch,)."""
        agreement = matrix_distance(source_output.matrix, cross_matrix(output.k, output.v))
        return super().forward(output, source_output) + self.attention * agreement


METHODS: dict[str, type[Method]] = {
    'dcat': Dcat, 'dcat_soft': DcatSoft, 'distillation': Distillation,
}


def soft_label_loss(source: Tensor, logits: Tensor, temperature: float) -> Tensor:
    """Return T² KL(softmax(source / T) ‖ softmax(logits / T)) of each window.

    :param source: logits of the frozen source, (batch, classes); gets no gradient
    :param logits: of the target, (batch, classes)
    :param temperature: T, above 0; a higher one gives more weight to the less likely classes
    :return: (batch,)
    """
    wanted = log_softmax(source.detach() / temperature, dim=1)
    found = log_softmax(logits / temperature, dim=1)
    return temperature**2 * kl_div(found, wanted, reduction='none', log_target=True).sum(dim=1)
