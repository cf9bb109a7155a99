# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Fit a network with Lightning; a fit that was cut short goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
import json
import logging
from pathlib import Path
from typing import Any
import warnings

from dcat_ros.method import METHODS, Network
from dcat_ros.training import augment
from dcat_ros.training.batches import Batches, Prefetch
from dcat_ros.training.callbacks import averaging, Curve, loader, Progressing
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.hardware import Hardware, is_first
from dcat_ros.training.learner import Learner
from dcat_ros.training.network import build
from dcat_ros.training.progress import Reporter
from dcat_ros.training.sampling import SamplingUnits
from dcat_ros.training.source_outputs import PairedSource
from lightning.pytorch import LightningDataModule, seed_everything, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
import torch
from torch.utils.data import DataLoader

CHUNK = 25
"""Steps between two checkpoints, the most that a crash can cost."""
LOOKS = 10
"""Times that a fit is validated."""
CHECKPOINT, WEIGHTS, CURVE = 'last.ckpt', 'network.pt', 'curve.json'


@dataclass(frozen=True)
class FitSpec:
    """What a network is taught, and by whom.

    :param units: what batches are drawn from.
    :param steps: that the learning rate's schedule spans.
    :param seed: equal specs give equal weights on one machine.
    :param method: a name in ``dcat_ros.method.METHODS``; empty without sources.
    :param sources: the sources.
    :param weight: λ, on top of the sources' own weights.
    :param stop: step to stop at, where the schedule is not to be followed to its end.
    :param validation: clips to score now and then; none of those to learn from.
    """

    units: SamplingUnits
    steps: int
    seed: int
    method: str = ''
    sources: Sequence[PairedSource] = ()
    weight: float = 1.0
    stop: int | None = None
    validation: Sequence[int] = ()


@dataclass(frozen=True)
class Fitted:
    """A network in evaluation mode, and how it came to be (see :class:`Curve`)."""

    network: Network
    curve: list[dict[str, float]]


def fit(
    data: Dataset,
    config: Config,
    spec: FitSpec,
    place: Path,
    hardware: Hardware,
    reporter: Reporter,
    title: str,
) -> Fitted:
    """Fit a network to a spec.

    :param place: directory of this fit alone, for its checkpoint, log and weights; what it holds
        is taken, whole or to go on from.
    :return: the network with averaged weights.
    :raises TrainingError: if there is nothing to learn from, a source's width is another, or the
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
                'compared at equal dim alone, set the same in both recipes'
            )
    seed_everything(spec.seed, verbose=False)
    network = build(config, data.shape, len(data.classes))
    if (place / WEIGHTS).exists():
        network.load_state_dict(torch.load(place / WEIGHTS, weights_only=True))
        return Fitted(network.eval(), json.loads((place / CURVE).read_text(encoding='utf-8')))
    teachers = [METHODS[spec.method]() for _ in spec.sources]
    weights = [spec.weight * source.weight for source in spec.sources]
    learner = Learner(
        network, teachers, weights, config.fit, spec.steps, len(data.classes), spec.seed
    )
    stop = spec.steps if spec.stop is None else spec.stop
    curve = Curve()
    place.mkdir(parents=True, exist_ok=True)
    before = place / CHECKPOINT
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
                Progressing(stage),
                curve,
                *([averaging(config.fit.ema)] if config.fit.ema else []),
                ModelCheckpoint(
                    place, before.stem, enable_version_counter=False, save_on_train_epoch_end=True
                ),
            ],
            logger=CSVLogger(place, name='log'),
            log_every_n_steps=10,
            num_sanity_val_steps=0,
            check_val_every_n_epoch=max(1, stop // CHUNK // LOOKS),
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(
            learner,
            datamodule=FitBatches(data, config, spec),
            ckpt_path=before if before.exists() else None,
        )
    fitted = Fitted(learner.network.cpu().eval(), curve.points)
    if is_first():
        _keep(fitted, place)
    return fitted


def _keep(fitted: Fitted, place: Path) -> None:
    """Write curve and weights; the weights come last and appear when whole."""
    (place / CURVE).write_text(json.dumps(fitted.curve), encoding='utf-8')
    part = place / f'{WEIGHTS}.part'
    torch.save(fitted.network.state_dict(), part)
    part.replace(place / WEIGHTS)
    (place / CHECKPOINT).unlink(missing_ok=True)


class FitBatches(LightningDataModule):
    """The batches of a spec, from one checkpoint to the next."""

    def __init__(self, data: Dataset, config: Config, spec: FitSpec) -> None:
        super().__init__()
        self._data, self._config, self._spec = data, config, spec

    def train_dataloader(self) -> DataLoader:
        """Return the batches from the present step on."""
        trainer = self.trainer
        assert trainer is not None
        first = trainer.global_step
        batches = Batches(
            self._data,
            self._spec.units,
            self._spec.sources,
            augment.create(self._config.modality, self._config.augment),
            self._config.fit,
            self._spec.seed,
            range(first, min(first + CHUNK, trainer.max_steps)),
            trainer.global_rank,
            trainer.world_size,
        )
        return DataLoader(Prefetch(batches), batch_size=None)

    def val_dataloader(self) -> Any:
        """Return the windows to score."""
        clips = self._spec.validation
        return loader(self._data.live, clips, self._data.targets) if clips else []


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
