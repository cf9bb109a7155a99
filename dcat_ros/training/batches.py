"""Endless variety from finite clips: shuffled, augmented batches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import one_hot
from torch.utils.data import IterableDataset

from dcat_ros.training.augment import Augmentation
from dcat_ros.training.config import Fit
from dcat_ros.training.dataset import Windows

LEAST_STEPS = 4
"""Fewer leave the learning rate no room to rise and fall."""


class Batches(IterableDataset[tuple[Tensor, Tensor]]):
    """Batches of model inputs (batch, ...) and class probabilities (batch, classes).

    Every clip comes once in a pass, in random order, with one of its windows at random. Random
    numbers come from generators of the seed alone, so that two iterations are equal.

    :param windows: the training windows of the chosen clips.
    :param targets: class of every clip of the data set.
    :param classes: number of classes.
    :param size: length of a model input along its first axis.
    """

    def __init__(
        self,
        windows: Windows,
        targets: NDArray[np.int64],
        classes: int,
        size: int,
        augmentation: Augmentation,
        fit: Fit,
        seed: int,
    ) -> None:
        super().__init__()
        self._inputs = windows.inputs
        clips = np.array(windows.clips)
        self._of = [np.flatnonzero(clips == clip) for clip in np.unique(clips)]
        self._targets = targets[np.unique(clips)]
        self._classes = classes
        self._size = size
        self._idle = round(fit.idle * fit.batch)
        self._augmentation = augmentation
        self._fit = fit
        self._seed = seed
        self.steps = max(LEAST_STEPS, math.ceil(fit.epochs * len(self._of) / fit.batch))

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        random = np.random.default_rng(self._seed)
        generator = torch.Generator().manual_seed(self._seed)
        order: NDArray[np.int64] = np.empty(0, np.int64)
        for _ in range(self.steps):
            while len(order) < self._fit.batch:
                order = np.concatenate([order, random.permutation(len(self._of))])
            rows, order = order[: self._fit.batch], order[self._fit.batch :]
            picked = [self._inputs[random.choice(self._of[row])] for row in rows]
            windows, lengths = _padded(picked)
            inputs = self._augmentation(windows, lengths, self._size, generator)
            target = one_hot(torch.from_numpy(self._targets[rows]), self._classes).float()
            if self._idle:
                inputs[: self._idle] = self._augmentation.idle(inputs[: self._idle], generator)
                target[: self._idle] = 1 / self._classes
            yield inputs, target


def _padded(windows: Sequence[NDArray[np.float16]]) -> tuple[Tensor, Tensor]:
    lengths = [len(window) for window in windows]
    batch = np.zeros((len(windows), max(lengths), *windows[0].shape[1:]), np.float32)
    for row, window in zip(batch, windows, strict=True):
        row[: len(window)] = window
    return torch.from_numpy(batch), torch.tensor(lengths)
