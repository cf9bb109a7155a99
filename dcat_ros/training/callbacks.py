# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Lightning callbacks of a fit."""

from __future__ import annotations

from typing import Any

from dcat_ros.training.progress import Stage
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import WeightAveraging
import torch
from torch import Tensor


class StageProgress(Callback):
    """Advances a stage by the steps of the fit, including those before a resume."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Advance by the steps of an earlier run."""
        if trainer.global_step:
            self._stage.advance(trainer.global_step)

    def on_train_batch_end(self, *_: Any) -> None:
        """Advance by one step."""
        self._stage.advance()


class Curve(Callback):
    """Records the learning curve; checkpoints contain it.

    ``points`` are mappings with ``step`` and either ``loss`` or ``macro_f1`` of the validation
    windows.

    :param period: steps between two points of the loss.
    """

    def __init__(self, period: int = 10) -> None:
        self.points: list[dict[str, float]] = []
        self._period = period

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        """Record the loss."""
        if trainer.global_step % self._period == 0:
            self._record(trainer, 'loss')

    def on_validation_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Record the score."""
        self._record(trainer, 'macro_f1')

    def state_dict(self) -> dict[str, Any]:
        """Return the points for a checkpoint."""
        return {'points': self.points}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore the points of a checkpoint."""
        self.points = state_dict['points']

    def _record(self, trainer: Trainer, metric: str) -> None:
        value = float(trainer.callback_metrics[metric])
        self.points.append({'step': trainer.global_step, metric: value})


def weight_averaging(decay: float) -> WeightAveraging:
    """Return an exponential moving average of the weights, with a lower decay at the start."""

    def average(averaged: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        if not averaged.is_floating_point():
            return current
        kept = min(decay, (1 + int(count)) / (10 + int(count)))
        return torch.lerp(averaged, current, 1 - kept)

    return WeightAveraging(avg_fn=average)
