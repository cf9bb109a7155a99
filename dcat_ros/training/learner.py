# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The loss and the optimizer of a fit, as a Lightning module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dcat_ros.method import Network
from dcat_ros.training.batches import Batch, seed_of
from dcat_ros.training.config import Fit
from dcat_ros.training.errors import TrainingError
from lightning.pytorch import LightningModule
import torch
from torch import nn, Tensor
from torch.nn.functional import cross_entropy
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from torchmetrics.classification import MulticlassF1Score


class Learner(LightningModule):
    """A network with its loss: cross-entropy of labels and negatives, and the loss of each source.

    :param methods: one for each source.
    :param weights: of the sources, λ included.
    :param negatives: weight of the negatives.
    :param steps: length of the learning rate's schedule.
    :param classes: number of classes.
    :param seed: of dropout.
    """

    def __init__(
        self,
        network: Network,
        methods: Sequence[nn.Module],
        weights: Sequence[float],
        negatives: float,
        settings: Fit,
        steps: int,
        classes: int,
        seed: int,
    ) -> None:
        super().__init__()
        self.network = network
        self.methods = nn.ModuleList(methods)
        self._weights = weights
        self._negatives = negatives
        self._settings = settings
        self._steps = steps
        self._seed = seed
        self._macro_f1 = MulticlassF1Score(classes, average='macro')

    def on_train_batch_start(self, *_: Any) -> None:
        """Make dropout depend on seed, step and rank only, as the batches do."""
        torch.manual_seed(seed_of(self._seed, self.global_step, self.global_rank, 1))

    def training_step(self, batch: Batch, step: int) -> Tensor:
        """Return the loss of a batch.

        :raises TrainingError: if it is not finite.
        """
        output = self.network(batch.inputs)
        smoothing = self._settings.label_smoothing
        by_window = cross_entropy(
            output.logits, batch.target, label_smoothing=smoothing, reduction='none'
        )
        losses = {
            'label': _mean(by_window, batch.labelled),
            'negatives': self._negatives * _mean(by_window, batch.negative),
        }
        for number, source_output in enumerate(batch.source_outputs):
            by_window = self.methods[number](output, source_output)
            source_loss = _mean(by_window, source_output.present)
            losses[f'source{number}'] = self._weights[number] * source_loss
        loss = torch.stack(list(losses.values())).sum()
        if not torch.isfinite(loss):
            parts = ', '.join(f'{name} {value.item():.4g}' for name, value in losses.items())
            raise TrainingError(
                f'the loss is {loss.item()} at step {self.global_step} ({parts}): lower fit.lr '
                f'(now {self._settings.lr:g}), and check the bags for values out of range; the '
                'last checkpoint before it is kept'
            )
        self.log('loss', loss.detach())
        self.log_dict({f'loss_{name}': value.detach() for name, value in losses.items()})
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], step: int) -> None:
        """Log ``macro_f1`` of single windows (batch, ...) with classes (batch,)."""
        inputs, truth = batch
        self._macro_f1(self.network(inputs).logits, truth)
        self.log('macro_f1', self._macro_f1, on_step=False, on_epoch=True)

    def configure_optimizers(self) -> Any:
        """Return AdamW with decay of matrices and kernels only, and a one-cycle schedule."""
        matrices: list[Tensor] = []
        others: list[Tensor] = []
        for name, parameter in self.named_parameters():
            is_matrix = name.endswith('weight') and parameter.ndim > 1
            (matrices if is_matrix else others).append(parameter)
        optimizer = AdamW(
            [
                {'params': matrices, 'weight_decay': self._settings.weight_decay},
                {'params': others, 'weight_decay': 0.0},
            ],
            lr=self._settings.lr,
        )
        rise = max(self._settings.warm_up, 2 / self._steps)
        schedule = OneCycleLR(optimizer, self._settings.lr, self._steps, pct_start=rise)
        return [optimizer], [{'scheduler': schedule, 'interval': 'step'}]


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    """Return the mean of the counted values (batch,), 0 if none is counted."""
    return (values * counted).sum() / counted.sum().clamp(min=1)
