# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What frozen sources say of windows: asked once, kept on disk, looked up at every step."""

from __future__ import annotations

from collections.abc import Sequence
import os
from pathlib import Path
import shutil

from dcat_ros.bags.npy import RowWriter
from dcat_ros.method import Lesson, lesson_of, Network, Pairing
from dcat_ros.method.pairing import NOBODY
from dcat_ros.training.progress import Reporter
from dcat_ros.training.windows import Windows
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
import torch

NEVER = -30.0
"""The logit of a class that the source does not know."""
BATCH = 64
PARTS = ('matrix', 'logits', 'pooled')


class Lessons:
    """The lessons of one source, mapped into memory; a lesson's number is that of its window.

    :param folder: as `write_lessons` has left it.
    """

    def __init__(self, folder: Path) -> None:
        self._parts = [np.load(folder / f'{part}.npy', mmap_mode='r') for part in PARTS]
        self.dim: int = self._parts[0].shape[-1]
        self.pooled_dim: int = self._parts[2].shape[-1]

    def of(self, numbers: NDArray[np.int64]) -> Lesson:
        """Return some lessons; for `NOBODY` one that is not present."""
        chosen = numbers.clip(min=0)
        parts = (torch.from_numpy(part[chosen]).float() for part in self._parts)
        return Lesson(torch.from_numpy(numbers != NOBODY), *parts)


class Teaching:
    """A source in front of its learner: whose lesson belongs to which window.

    :param weight: of this source among several.
    """

    def __init__(self, lessons: Lessons, pairing: Pairing, weight: float) -> None:
        self.dim, self.pooled_dim = lessons.dim, lessons.pooled_dim
        self.weight = weight
        self._lessons = lessons
        self._pairing = pairing

    def lesson(
        self,
        rows: NDArray[np.int64],
        targets: NDArray[np.int64],
        idle: int,
        random: Generator,
    ) -> Lesson:
        """Return the lessons of some windows of the learner.

        :param targets: the class of each, -1 where it is not known.
        :param idle: windows behind them of which nobody can say anything.
        """
        partners = self._pairing.partners(rows, targets, random)
        return self._lessons.of(np.append(partners, np.full(idle, NOBODY)))


def write_lessons(
    network: Network,
    windows: Windows,
    rows: NDArray[np.int64],
    classes: Sequence[int],
    known: int,
    folder: Path,
    reporter: Reporter,
    title: str,
) -> None:
    """Keep what a source says of some of its own windows; matrices in half precision.

    :param rows: numbers of the windows; lesson i is on the i-th of them.
    :param classes: for each of the source's classes the learner's number of it, -1 for none.
    :param known: number of the learner's classes.
    :param folder: appears when whole; what is there already is left as it is.
    """
    if folder.exists():
        return
    part = folder.with_name(f'.{folder.name}.{os.getpid()}')
    part.mkdir(parents=True, exist_ok=True)
    shared = [(own, theirs) for own, theirs in enumerate(classes) if theirs >= 0]
    own, theirs = zip(*shared, strict=True)
    network.eval()
    dim, pooled = network.dim, network.pooled_dim
    with (
        reporter.stage(title, len(rows), in_steps=False) as stage,
        RowWriter(part / 'matrix.npy', '<f2', (dim, dim)) as matrices,
        RowWriter(part / 'logits.npy', '<f4', (known,)) as logits,
        RowWriter(part / 'pooled.npy', '<f4', (pooled,)) as features,
    ):
        for first in range(0, len(rows), BATCH):
            chosen = rows[first:first + BATCH]
            with torch.no_grad():
                said = lesson_of(network(torch.from_numpy(windows.inputs(chosen))))
            translated = torch.full((len(chosen), known), NEVER)
            translated[:, theirs] = said.logits[:, own]
            for each in range(len(chosen)):
                matrices.append(said.matrix[each].numpy())
                logits.append(translated[each].numpy())
                features.append(said.pooled[each].numpy())
            stage.advance(len(chosen))
    try:
        part.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(part)  # another process of this training was faster
