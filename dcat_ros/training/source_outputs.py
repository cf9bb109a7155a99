# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What frozen sources say of windows: asked once, kept on disk, looked up at every step."""

from __future__ import annotations

from collections.abc import Sequence
import os
from pathlib import Path
import shutil

from dcat_ros.bags.npy_writer import RowWriter
from dcat_ros.method import Network, Pairing, source_output_of, SourceOutput
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


class SourceOutputs:
    """The stored outputs of one source, mapped into memory, numbered as its windows.

    :param folder: as `write_source_outputs` has left it.
    """

    def __init__(self, folder: Path) -> None:
        self._parts = [np.load(folder / f'{part}.npy', mmap_mode='r') for part in PARTS]
        self.dim: int = self._parts[0].shape[-1]
        self.pooled_dim: int = self._parts[2].shape[-1]

    def of(self, numbers: NDArray[np.int64]) -> SourceOutput:
        """Return the outputs for some windows; for `NOBODY` one that is not present."""
        chosen = numbers.clip(min=0)
        parts = (torch.from_numpy(part[chosen]).float() for part in self._parts)
        return SourceOutput(torch.from_numpy(numbers != NOBODY), *parts)


class PairedSource:
    """A source with the pairing of its windows with those of the target.

    :param weight: of this source among several.
    """

    def __init__(self, outputs: SourceOutputs, pairing: Pairing, weight: float) -> None:
        self.dim, self.pooled_dim = outputs.dim, outputs.pooled_dim
        self.weight = weight
        self._outputs = outputs
        self._pairing = pairing

    def outputs(
        self,
        rows: NDArray[np.int64],
        targets: NDArray[np.int64],
        idle: int,
        random: Generator,
    ) -> SourceOutput:
        """Return the source outputs for some windows of the target.

        :param targets: the class of each, -1 where it is not known.
        :param idle: windows behind them of which nobody can say anything.
        """
        partners = self._pairing.partners(rows, targets, random)
        return self._outputs.of(np.append(partners, np.full(idle, NOBODY)))


def write_source_outputs(
    network: Network,
    windows: Windows,
    rows: NDArray[np.int64],
    classes: Sequence[int],
    known: int,
    folder: Path,
    reporter: Reporter,
    title: str,
) -> None:
    """Store the outputs of a source for some of its windows; matrices in half precision.

    :param rows: numbers of the windows; output i belongs to the i-th of them.
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
                output = source_output_of(network(torch.from_numpy(windows.inputs(chosen))))
            translated = torch.full((len(chosen), known), NEVER)
            translated[:, theirs] = output.logits[:, own]
            for each in range(len(chosen)):
                matrices.append(output.matrix[each].numpy())
                logits.append(translated[each].numpy())
                features.append(output.pooled[each].numpy())
            stage.advance(len(chosen))
    try:
        part.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(part)  # another process of this training was faster
