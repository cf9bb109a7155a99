# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Fit a network with Lightning; an interrupted fit resumes from its last checkpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
import json
import logging
from pathlib import Path
from typing import Any
import warnings

from dcat_ros.method import Classifier, METHODS
from dcat_ros.training import augment
from dcat_ros.training.batches import Prefetch, TrainingBatches, WindowBatches
from dcat_ros.training.callbacks import Curve, StageProgress, weight_averaging
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.hardware import Hardware, is_first
from dcat_ros.training.learner import Learner
from dcat_ros.training.negatives import NegativeWindows
from dcat_ros.training.network import build
from dcat_ros.training.progress import Reporter
from dcat_ros.training.sampling import SamplingUnits
from dcat_ros.training.source_outputs import PairedSource
from dcat_ros.training.windows import Windows
from lightning.pytorch import LightningDataModule, seed_everything, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Generator, Tensor
from torch.utils.data import DataLoader

CHECKPOINT_PERIOD = 25
"""Steps between two checkpoints, so the most that a crash can cost."""
VALIDATIONS = 10
"""Validations during a fit."""
CHECKPOINT, WEIGHTS, CURVE = 'last.ckpt', 'network.pt', 'curve.json'


@dataclass(frozen=True)
class FitSpec:
    """What a network is fitted to.

    :param units: batches are drawn from these.
    :param steps: length of the learning rate's schedule.
    :param seed: equal specifications give equal weights on the same machine.
    :param method: a name in ``dcat_ros.method.METHODS``; empty without sources.
    :param weight: λ, a factor on the sources' own weights.
    :param stop: step to stop at; None for the end of the schedule.
    :param validation: clips to score during the fit, none of which are trained on.
    :param negatives: recorded windows of none of the classes.
    :param negative_rows: those of them to train on.
    """

    units: SamplingUnits
    steps: int
    seed: int
    method: str = ''
    sources: Sequence[PairedSource] = ()
    weight: float = 1.0
    stop: int | None = None
    validation: Sequence[int] = ()
    negatives: Windows | None = None
    negative_rows: Sequence[int] | NDArray[np.int64] = ()

    def draw_negatives(self, count: int, generator: Generator) -> Tensor:
        """Return some of the recorded negatives at random, (count, ...)."""
        assert self.negatives is not None
        chosen = torch.randint(len(self.negative_rows), (count,), generator=generator)
        return torch.from_numpy(
            self.negatives.inputs(np.asarray(self.negative_rows)[chosen.numpy()])
        )


@dataclass(frozen=True)
class Fitted:
    """A network in evaluation mode, and its learning curve (see :class:`Curve`)."""

    network: Classifier
    curve: list[dict[str, float]]


def fit(
    data: Dataset,
    config: Config,
    spec: FitSpec,
    folder: Path,
    hardware: Hardware,
    reporter: Reporter,
    title: str,
) -> Fitted:
    """Fit a network by its specification.

    :param folder: of this fit only, for its checkpoint, log and weights; finished weights in it
        are returned, and a checkpoint is resumed.
    :return: the network with averaged weights.
    :raises TrainingError: if there are no windows to train on, a source has another dim, or the
        loss is not finite.
    """
    if not len(spec.units.labelled):
        raise TrainingError(
            f'none of the clips to train on is as long as a window of {config.window.duration} s'
        )
    for source in spec.sources:
        if source.dim != config.dim:
            raise TrainingError(
                f'the source has dim {source.dim} and the target {config.dim}: K and V can be '
                'compared only if dim is equal, so set the same in both recipes'
            )
    seed_everything(spec.seed, verbose=False)
    network = build(config, data.shape, len(data.classes))
    if (folder / WEIGHTS).exists():
        network.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
        return Fitted(network.eval(), json.loads((folder / CURVE).read_text(encoding='utf-8')))
    methods = [METHODS[spec.method]() for _ in spec.sources]
    weights = [spec.weight * source.weight for source in spec.sources]
    learner = Learner(
        network, methods, weights, config.negatives.weight, config.fit, spec.steps,
        len(data.classes), spec.seed,
    )
    stop = spec.steps if spec.stop is None else spec.stop
    curve = Curve()
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / CHECKPOINT
    with _quiet(), reporter.stage(title, stop) as stage:
        trainer = Trainer(
            accelerator=hardware.accelerator,
            devices=hardware.devices,
            num_nodes=hardware.hosts,
            strategy=hardware.strategy,
            precision=hardware.precision,
            max_steps=stop,
            gradient_clip_val=config.fit.clip,
            deterministic=True,
            reload_dataloaders_every_n_epochs=1,
            use_distributed_sampler=False,
            callbacks=[
                StageProgress(stage),
                curve,
                *([weight_averaging(config.fit.ema)] if config.fit.ema else []),
                ModelCheckpoint(
                    folder, checkpoint.stem, enable_version_counter=False,
                    save_on_train_epoch_end=True,
                ),
            ],
            logger=CSVLogger(folder, name='log'),
            log_every_n_steps=10,
            num_sanity_val_steps=0,
            check_val_every_n_epoch=max(1, stop // CHECKPOINT_PERIOD // VALIDATIONS),
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(
            learner,
            datamodule=FitBatches(data, config, spec),
            ckpt_path=checkpoint if checkpoint.exists() else None,
        )
    fitted = Fitted(learner.network.cpu().eval(), curve.points)
    if is_first():
        _save(fitted, folder)
    return fitted


def _save(fitted: Fitted, folder: Path) -> None:
    """Write curve and weights; the weights come last, since they mark the fit as finished."""
    (folder / CURVE).write_text(json.dumps(fitted.curve), encoding='utf-8')
    part = folder / f'{WEIGHTS}.part'
    torch.save(fitted.network.state_dict(), part)
    part.replace(folder / WEIGHTS)
    (folder / CHECKPOINT).unlink(missing_ok=True)


class FitBatches(LightningDataModule):
    """The batches of a fit; an epoch of Lightning lasts from one checkpoint to the next."""

    def __init__(self, data: Dataset, config: Config, spec: FitSpec) -> None:
        super().__init__()
        self._data, self._config, self._spec = data, config, spec

    def train_dataloader(self) -> DataLoader:
        """Return the batches up to the next checkpoint."""
        trainer = self.trainer
        assert trainer is not None
        first = trainer.global_step
        config = self._config
        augmentation = augment.create(config.features_of, config.augment)
        batches = TrainingBatches(
            self._data,
            self._spec.units,
            self._spec.sources,
            augmentation,
            NegativeWindows(
                config.features_of, config.negatives, config.fit.batch, augmentation,
                self._spec.draw_negatives if len(self._spec.negative_rows) else None,
            ),
            config.fit,
            self._spec.seed,
            range(first, min(first + CHECKPOINT_PERIOD, trainer.max_steps)),
            trainer.global_rank,
            trainer.world_size,
        )
        return DataLoader(Prefetch(batches), batch_size=None)

    def val_dataloader(self) -> Any:
        """Return the windows of the validation clips."""
        if not self._spec.validation:
            return []
        windows = self._data.live
        rows = windows.of(self._spec.validation)
        targets = self._data.targets[windows.clips[rows]]
        return DataLoader(WindowBatches(windows, rows, targets), batch_size=None)


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress what Lightning logs about devices and data loader workers."""
    logger = logging.getLogger('lightning.pytorch')
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings('ignore', module='lightning')
            yield
    finally:
        logger.setLevel(level)
