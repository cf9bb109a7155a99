# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What watches over a fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dcat_ros.training.progress import Stage
from dcat_ros.training.windows import Windows
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import WeightAveraging
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset


class Progressing(Callback):
    """Advances a stage at each step, also by what an earlier run has done.

    :param stage: of `stop` steps.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def on_train_start(self, trainer: Trainer, module: LightningModule) -> None:
        """Advance by the steps of an earlier run."""
        if trainer.global_step:
            self._stage.advance(trainer.global_step)

    def on_train_batch_end(self, *_: Any) -> None:
        """Advance."""
        self._stage.advance()


class Curve(Callback):
    """Keeps what is logged, step by step, through interruptions.

    ``points`` are mappings with ``step``, ``loss`` and, where something is validated,
    ``macro_f1`` of its windows.

    :param period: steps between two points of the loss.
    """

    def __init__(self, period: int = 10) -> None:
        self.points: list[dict[str, float]] = []
        self._period = period

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        """Keep the loss."""
        if trainer.global_step % self._period == 0:
            loss = trainer.callback_metrics['loss']
            self.points.append({'step': trainer.global_step, 'loss': float(loss)})

    def on_validation_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Keep the score."""
        score = trainer.callback_metrics['macro_f1']
        self.points.append({'step': trainer.global_step, 'macro_f1': float(score)})

    def state_dict(self) -> dict[str, Any]:
        """Return the points."""
        return {'points': self.points}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take the points back."""
        self.points = state_dict['points']


def averaging(decay: float) -> WeightAveraging:
    """Return the exponential moving average of weights that forgets its start quickly."""

    def average(averaged: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        if not averaged.is_floating_point():
            return current
        kept = min(decay, (1 + int(count)) / (10 + int(count)))
        return torch.lerp(averaged, current, 1 - kept)

    return WeightAveraging(avg_fn=average)


class Rows(Dataset[tuple[Tensor, Tensor]]):
    """Batches of windows with their classes, in order.

    :param rows: numbers of the windows.
    :param targets: the class of each.
    :param batch: windows a batch.
    """

    def __init__(
        self, windows: Windows, rows: NDArray[np.int64], targets: NDArray[np.int64],
        batch: int = 64,
    ) -> None:
        self._windows = windows
        self._parts = [rows[first:first + batch] for first in range(0, len(rows), batch)]
        self._targets = [targets[first:first + batch] for first in range(0, len(rows), batch)]

    def __len__(self) -> int:
        return len(self._parts)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        inputs = torch.from_numpy(self._windows.inputs(self._parts[index]))
        return inputs, torch.from_numpy(self._targets[index])


def loader(windows: Windows, clips: Sequence[int], targets: NDArray[np.int64]) -> DataLoader:
    """Return the windows of some clips to score.

    :param targets: the class of every clip.
    """
    rows = windows.of(clips)
    return DataLoader(Rows(windows, rows, targets[windows.clips[rows]]), batch_size=None)
