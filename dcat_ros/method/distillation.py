# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Soft labels of a frozen source (Hinton et al. 2015, arXiv 1503.02531)."""

from torch import Tensor
from torch.nn.functional import kl_div, log_softmax


def soft_label_loss(source: Tensor, logits: Tensor, temperature: float) -> Tensor:
    """Return T² KL(softmax(source / T) ‖ softmax(logits / T)) window by window.

    :param source: logits of the frozen source, (batch, classes); no gradient goes there
    :param logits: of the target, (batch, classes)
    :param temperature: T, above 0; the higher, the more the lesser classes count
    :return: (batch,)
    """
    wanted = log_softmax(source.detach() / temperature, dim=1)
    found = log_softmax(logits / temperature, dim=1)
    return temperature**2 * kl_div(found, wanted, reduction='none', log_target=True).sum(dim=1)
