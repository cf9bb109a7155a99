# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Batches for training, shuffled and augmented, and for validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from dcat_ros.method import SourceOutput
from dcat_ros.training.augment import Augmentation
from dcat_ros.training.config import Fit
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.negatives import NegativeWindows
from dcat_ros.training.sampling import SamplingUnits, UNLABELLED
from dcat_ros.training.source_outputs import PairedSource
from dcat_ros.training.windows import Windows
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from torch.nn.functional import one_hot
from torch.utils import data


def seed_of(*numbers: int) -> int:
    """Return a seed for torch that depends on some numbers only."""
    return int(np.random.default_rng(numbers).integers(2**62))


class Batch(NamedTuple):
    """The windows of one step.

    ``inputs`` (windows, ...), the negatives last. ``target`` (windows, classes), class
    probabilities. ``labelled`` and ``negative`` (windows,) bool: whether the class is known, and
    whether the window shows none of the classes. ``source_outputs``, one of each source.
    """

    inputs: Tensor
    target: Tensor
    labelled: Tensor
    negative: Tensor
    source_outputs: list[SourceOutput]


class TrainingBatches(data.Dataset[Batch]):
    """The batches of some steps.

    Each pass over the sampling units is shuffled and draws one random window of each unit. If
    labels are rare, at least half of each batch is labelled. A batch depends on seed, step and
    rank only, so a resumed training continues with the same batches. Several processes divide
    each batch among them.

    :param negatives: added to each batch.
    :param rank: this process's number among `world`.
    """

    def __init__(
        self,
        recordings: Dataset,
        units: SamplingUnits,
        sources: Sequence[PairedSource],
        augmentation: Augmentation,
        negatives: NegativeWindows,
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
        self._negatives = negatives
        self._drawn = settings.batch

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
        inputs = self._augmentation(torch.from_numpy(self._windows.inputs(rows)), generator)
        drawn = self._negatives.draw(inputs, generator)
        negatives = drawn[self._rank::self._world] if self._world > 1 else drawn
        count = len(negatives)
        known = one_hot(torch.from_numpy(targets.clip(min=0)), self._classes).float()
        uniform = torch.full((count, self._classes), 1 / self._classes)
        negative = np.append(np.zeros(len(rows), bool), np.ones(count, bool))
        labelled = np.append(targets != UNLABELLED, np.zeros(count, bool))
        return Batch(
            torch.cat([inputs, negatives]),
            torch.cat([known, uniform]),
            torch.from_numpy(labelled),
            torch.from_numpy(negative),
            [source.outputs(rows, targets, count, random) for source in self._sources],
        )

    def _draw(self, step: int) -> NDArray[np.int64]:
        """Return the units of a step: labelled ones, at least half, then unlabelled ones."""
        labelled = np.flatnonzero(self._units.targets != UNLABELLED)
        unlabelled = np.flatnonzero(self._units.targets == UNLABELLED)
        count = round(self._drawn * max(0.5, len(labelled) / len(self._units)))
        parts = [(labelled, count), (unlabelled, self._drawn - count)]
        drawn = [
            units[self._shuffled(step, len(units), share, stream)]
            for stream, (units, share) in enumerate(parts) if share
        ]
        return np.concatenate(drawn)

    def _shuffled(self, step: int, units: int, share: int, stream: int) -> NDArray[np.int64]:
        """Return a step's share of an endless sequence of shuffled passes over `units` units."""
        places = np.arange(step * share, (step + 1) * share)
        numbers = np.empty(share, np.int64)
        for number in np.unique(places // units):
            in_pass = places // units == number
            order = np.random.default_rng([self._seed, int(number), stream]).permutation(units)
            numbers[in_pass] = order[places[in_pass] % units]
        return numbers


class Prefetch(data.IterableDataset[Batch]):
    """Batches in order; a thread makes the next one while the present one is in use.

    A thread starts at once, copies nothing and needs no shared memory; numpy and torch release
    the global interpreter lock while they work.
    """

    def __init__(self, batches: data.Dataset[Batch]) -> None:
        self._batches = batches

    def __len__(self) -> int:
        return len(self._batches)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Batch]:
        count = len(self)
        with ThreadPoolExecutor(1, 'batches') as pool:
            upcoming = pool.submit(self._batches.__getitem__, 0)
            for index in range(1, count + 1):
                batch = upcoming.result()
                if index < count:
                    upcoming = pool.submit(self._batches.__getitem__, index)
                yield batch


class WindowBatches(data.Dataset[tuple[Tensor, Tensor]]):
    """Batches of given windows with their classes, in order.

    :param rows: the windows.
    :param targets: the class of each.
    :param batch: windows a batch.
    """

    def __init__(
        self, windows: Windows, rows: NDArray[np.int64], targets: NDArray[np.int64],
        batch: int = 64,
    ) -> None:
        self._windows = windows
        self._rows, self._targets = rows, targets
        self._starts = range(0, len(rows), batch)

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        start = self._starts[index]  # raises IndexError at the end
        part = slice(start, start + self._starts.step)
        inputs = self._windows.inputs(self._rows[part])
        return torch.from_numpy(inputs), torch.from_numpy(self._targets[part])
