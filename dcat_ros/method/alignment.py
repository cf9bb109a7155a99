# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The published D-CAT loss: agreement of the self-attention of two modalities."""

import torch
from torch import Tensor
from torch.nn.functional import normalize


def cross_matrix(k: Tensor, v: Tensor) -> Tensor:
    """Return Kᵀ V of each window, scaled to a Frobenius norm of one.

    To first order, softmax(Q Kᵀ) V is Q (Kᵀ V): the matrix determines the response of a window
    to any query. Neither its shape nor its scale depends on the number of tokens.

    :param k: (batch, tokens, dim)
    :param v: (batch, tokens, dim)
    :return: (batch, dim, dim); zeros where Kᵀ V is zero
    :raises ValueError: if the shapes differ
    """
    if k.shape != v.shape or k.ndim != 3:
        raise ValueError(
            f'K is {tuple(k.shape)} and V is {tuple(v.shape)}, expected both (batch, tokens, dim)'
        )
    matrix = k.transpose(1, 2) @ v
    return normalize(matrix.flatten(1), dim=1).view_as(matrix)


def matrix_distance(source: Tensor, target: Tensor) -> Tensor:
    """Return the Frobenius distance of the cross matrices of each window.

    :param source: of the frozen source, (batch, dim, dim); gets no gradient
    :param target: of the target, (batch, dim, dim)
    :return: (batch,), 0 for equal matrices, at most 2
    :raises ValueError: if the widths or batches differ
    """
    if source.shape != target.shape:
        raise ValueError(
            f'the source has cross matrices of {tuple(source.shape)} and the target of '
            f'{tuple(target.shape)}: both need the same dim and the same number of windows'
        )
    return torch.linalg.vector_norm(source.detach() - target, dim=(1, 2))


def alignment_loss(
    source_k: Tensor, source_v: Tensor, target_k: Tensor, target_v: Tensor
) -> Tensor:
    """Return ‖norm(K_sᵀ V_s) − norm(K_tᵀ V_t)‖_F, averaged over the batch.

    The alignment of D-CAT (arXiv 2509.09747), for any model whose self-attention returns its
    keys and values. Row i of the source is paired with row i of the target: a window of the same
    time (paired recordings), or any window of the same class (unpaired ones).

    :param source_k: keys of the frozen source, (batch, source tokens, dim)
    :param source_v: its values, same shape; neither gets a gradient
    :param target_k: keys of the target, (batch, target tokens, dim)
    :param target_v: its values, same shape
    :return: a scalar, 0 to 2
    :raises ValueError: if batch or dim differ between source and target
    """
    source = cross_matrix(source_k, source_v)
    return matrix_distance(source, cross_matrix(target_k, target_v)).mean()
