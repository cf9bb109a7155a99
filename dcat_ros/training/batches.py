# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Endless variety from finite recordings: shuffled, augmented batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from dcat_ros.method import SourceOutput
from dcat_ros.training.augment import Augmentation
from dcat_ros.training.config import Fit
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.sampling import SamplingUnits, UNLABELLED
from dcat_ros.training.source_outputs import PairedSource
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from torch.nn.functional import one_hot
from torch.utils import data


def seed_of(*numbers: int) -> int:
    """Return a seed for torch that belongs to some numbers alone."""
    return int(np.random.default_rng(numbers).integers(2**62))


class Batch(NamedTuple):
    """One step's windows.

    ``inputs`` (batch, ...). ``target`` (batch, classes), class probabilities. ``labelled``
    (batch,) bool, whether the target means anything. ``source_outputs``, one of each source.
    """

    inputs: Tensor
    target: Tensor
    labelled: Tensor
    source_outputs: list[SourceOutput]


class Batches(data.Dataset[Batch]):
    """The batches of some steps.

    Every unit comes once in a pass, in random order, with one of its windows at random. Where
    labels are rare, half of each batch is labelled nevertheless. A batch depends on seed, step and
    rank alone, so that a training that was cut short goes on as if nothing had happened. Several
    processes share every batch.

    :param rank: this process's number among `world`.
    """

    def __init__(
        self,
        recordings: Dataset,
        units: SamplingUnits,
        sources: Sequence[PairedSource],
        augmentation: Augmentation,
        settings: Fit,
        seed: int,
        steps: range,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self._windows = recordings.dense
        self._classes = len(recordings.classes)
        self._units = units
        self._sources = sources
        self._augmentation = augmentation
        self._seed = seed
        self._steps = steps
        self._rank, self._world = rank, world
        self._idle = round(settings.idle * settings.batch)
        self._drawn = settings.batch - self._idle

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, index: int) -> Batch:
        if index >= len(self._steps):
            raise IndexError(index)
        step = self._steps[index]
        random = np.random.default_rng([self._seed, step])
        units = self._draw(step)
        rows = np.array([random.choice(self._units.rows[unit]) for unit in units])
        mine = np.arange(self._rank, len(rows), self._world)
        rows, targets = rows[mine], self._units.targets[units[mine]]
        generator = torch.Generator().manual_seed(seed_of(self._seed, step, self._rank))
        idle = len(range(self._rank, self._idle, self._world))
        windows = torch.from_numpy(self._windows.inputs(rows))
        inputs = self._augmentation(windows, generator)
        resting = self._augmentation.idle(inputs[:idle], generator)
        known = one_hot(torch.from_numpy(targets.clip(min=0)), self._classes).float()
        nothing = torch.full((idle, self._classes), 1 / self._classes)
        labelled = torch.from_numpy(np.append(targets != UNLABELLED, np.ones(idle, bool)))
        source_outputs = [
            source.outputs(rows, targets, idle, random) for source in self._sources
        ]
        return Batch(
            torch.cat([inputs, resting]), torch.cat([known, nothing]), labelled, source_outputs
        )

    def _draw(self, step: int) -> NDArray[np.int64]:
        """Return the units of a step; each pass over those with, and without, label is shuffled.

        Where labels are rare, half of the batch has one.
        """
        named = np.flatnonzero(self._units.targets != UNLABELLED)
        nameless = np.flatnonzero(self._units.targets == UNLABELLED)
        count = round(self._drawn * max(0.5, len(named) / len(self._units)))
        parts = [(named, count), (nameless, self._drawn - count)]
        drawn = [
            units[self._passes(step, len(units), share, stream)]
            for stream, (units, share) in enumerate(parts) if share
        ]
        return np.concatenate(drawn)

    def _passes(self, step: int, units: int, share: int, stream: int) -> NDArray[np.int64]:
        """Return the numbers of a step's share in an endless row of shuffled passes."""
        places = np.arange(step * share, (step + 1) * share)
        found = np.empty(share, np.int64)
        for number in np.unique(places // units):
            of_pass = places // units == number
            order = np.random.default_rng([self._seed, int(number), stream]).permutation(units)
            found[of_pass] = order[places[of_pass] % units]
        return found


class Prefetch(data.IterableDataset[Batch]):
    """Batches in order; while one is learnt from, a thread makes the next.

    A thread, since it starts at once, copies nothing and needs no shared memory; numpy and torch
    let go of Python's lock while they work.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Batch]:
        count = len(self)
        with ThreadPoolExecutor(1, 'batches') as maker:
            upcoming = maker.submit(self._batches.__getitem__, 0)
            for index in range(1, count + 1):
                batch = upcoming.result()
                if index < count:
                    upcoming = maker.submit(self._batches.__getitem__, index)
                yield batch
