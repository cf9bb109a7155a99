"""Fit a network to clips (Lightning)."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer, seed_everything
from lightning.pytorch.callbacks import WeightAveraging
from rich.progress import Progress
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader

from dcat_ros.method import Network
from dcat_ros.training import augment
from dcat_ros.training.batches import Batches
from dcat_ros.training.config import Config, Fit
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.network import build


class Classifier(LightningModule):
    """A network and how it learns."""

    def __init__(self, network: Network, settings: Fit, steps: int) -> None:
        super().__init__()
        self.network = network
        self._settings = settings
        self._steps = steps

    def training_step(self, batch: tuple[Tensor, Tensor], step: int) -> Tensor:
        """Return the loss of a batch.

        :raises TrainingError: if it is not finite.
        """
        inputs, target = batch
        logits = self.network(inputs).logits
        loss = cross_entropy(logits, target, label_smoothing=self._settings.label_smoothing)
        if not torch.isfinite(loss):
            raise TrainingError(
                f'the loss is {loss.item()} at step {step}: lower fit.lr (now '
                f'{self._settings.lr:g}), and check the bags for values out of range'
            )
        return loss

    def configure_optimizers(self) -> Any:
        """Return AdamW, whose decay spares all but matrices and kernels, and its schedule."""
        matrices: list[Tensor] = []
        others: list[Tensor] = []
        for name, parameter in self.network.named_parameters():
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


class Report(Callback):
    """Advances a progress bar at each step."""

    def __init__(self, progress: Progress, title: str, steps: int) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=steps)

    def on_train_batch_end(self, *_: Any) -> None:
        """Advance."""
        self._progress.advance(self._task)

    def teardown(self, *_: Any, **__: Any) -> None:
        """Remove the bar."""
        self._progress.update(self._task, visible=False)


def fit(
    data: Dataset, clips: Sequence[int], config: Config, seed: int, progress: Progress, title: str
) -> Network:
    """Fit a network to the dense windows of some clips.

    Equal arguments give equal weights on one machine.

    :param clips: numbers of the clips.
    :param title: what the progress bar says.
    :return: the network with averaged weights, in evaluation mode.
    :raises TrainingError: if the clips have no windows, or the loss is not finite.
    """
    windows = data.dense.of(clips)
    if not windows.inputs:
        raise TrainingError(
            f'none of the clips to train on is as long as a window of {config.window.duration} s'
        )
    settings = config.fit
    augmentation = augment.create(config.modality, config.augment)
    batches = Batches(
        windows, data.targets, len(data.classes), data.shape[0], augmentation, settings, seed
    )
    with _quiet():
        seed_everything(seed, verbose=False)
        network = build(config, data.shape, len(data.classes))
        callbacks: list[Callback] = [Report(progress, title, batches.steps)]
        if settings.ema:
            callbacks.append(WeightAveraging(avg_fn=_moving_average(settings.ema)))
        trainer = Trainer(
            accelerator='cpu',
            max_steps=batches.steps,
            gradient_clip_val=settings.clip,
            deterministic=True,
            callbacks=callbacks,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        module = Classifier(network, settings, batches.steps)
        trainer.fit(module, DataLoader(batches, batch_size=None))
    return network.eval()


def _moving_average(decay: float) -> Any:
    """Return the exponential moving average that forgets its start quickly."""

    def average(averaged: Tensor, current: Tensor, count: Tensor) -> Tensor:
        if not averaged.is_floating_point():
            return current
        kept = min(decay, (1 + int(count)) / (10 + int(count)))
        return torch.lerp(averaged, current, 1 - kept)

    return average


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Lightning from speaking of devices and data loader workers."""
    logger = logging.getLogger('lightning.pytorch')
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings('ignore', module='lightning')
            yield
    finally:
        logger.setLevel(level)
