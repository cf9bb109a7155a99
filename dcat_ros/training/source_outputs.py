# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Outputs of a frozen source, computed once and read from disk during the target's fit."""

from __future__ import annotations

from collections.abc import Sequence
import os
from pathlib import Path
import shutil

from dcat_ros.bags.npy_writer import RowWriter
from dcat_ros.method import Classifier, Pairing, SourceOutput
from dcat_ros.method.pairing import UNPAIRED
from dcat_ros.training.progress import Reporter
from dcat_ros.training.windows import Windows
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
import torch

UNKNOWN_CLASS_LOGIT = -30.0
BATCH = 64
FIELDS = ('matrix', 'logits', 'pooled')


class SourceOutputs:
    """The stored outputs of one source, mapped into memory.

    :param folder: as written by :func:`write_source_outputs`.
    """

    def __init__(self, folder: Path) -> None:
        self._fields = [np.load(folder / f'{name}.npy', mmap_mode='r') for name in FIELDS]
        self.dim: int = self._fields[0].shape[-1]

    def of(self, rows: NDArray[np.int64]) -> SourceOutput:
        """Return the outputs of some stored windows; for `UNPAIRED` one that is not present."""
        stored = rows.clip(min=0)
        fields = (torch.from_numpy(field[stored]).float() for field in self._fields)
        return SourceOutput(torch.from_numpy(rows != UNPAIRED), *fields)


class PairedSource:
    """The outputs of a source, and which target window each is paired with.

    :param weight: of this source relative to the others.
    """

    def __init__(self, outputs: SourceOutputs, pairing: Pairing, weight: float) -> None:
        self.dim = outputs.dim
        self.weight = weight
        self._outputs = outputs
        self._pairing = pairing

    def outputs(
        self,
        rows: NDArray[np.int64],
        targets: NDArray[np.int64],
        negatives: int,
        random: Generator,
    ) -> SourceOutput:
        """Return the source output for some windows of the target.

        :param targets: the class of each, -1 if unknown.
        :param negatives: number of windows that follow them, which have no partner.
        """
        partners = self._pairing.partners(rows, targets, random)
        return self._outputs.of(np.append(partners, np.full(negatives, UNPAIRED)))


def write_source_outputs(
    network: Classifier,
    windows: Windows,
    rows: NDArray[np.int64],
    classes: Sequence[int],
    target_classes: int,
    folder: Path,
    reporter: Reporter,
    title: str,
) -> None:
    """Store the outputs of a source for some of its windows, the matrices in half precision.

    :param rows: the windows; output i belongs to the i-th of them.
    :param classes: the target's number for each of the source's classes, -1 for none.
    :param target_classes: number of the target's classes.
    :param folder: an existing one is left as it is; a new one appears when complete.
    """
    if folder.exists():
        return
    part = folder.with_name(f'.{folder.name}.{os.getpid()}')
    part.mkdir(parents=True, exist_ok=True)
    shared = [(own, theirs) for own, theirs in enumerate(classes) if theirs >= 0]
    own, theirs = zip(*shared, strict=True)
    network.eval()
    with (
        reporter.stage(title, len(rows), in_steps=False) as stage,
        RowWriter(part / 'matrix.npy', '<f2', (network.dim, network.dim)) as matrices,
        RowWriter(part / 'logits.npy', '<f4', (target_classes,)) as logits,
        RowWriter(part / 'pooled.npy', '<f4', (network.pooled_dim,)) as features,
    ):
        for first in range(0, len(rows), BATCH):
            chosen = rows[first:first + BATCH]
            with torch.no_grad():
                output = network(torch.from_numpy(windows.inputs(chosen)))
            output = SourceOutput.from_network(output)
            translated = torch.full((len(chosen), target_classes), UNKNOWN_CLASS_LOGIT)
            translated[:, theirs] = output.logits[:, own]
            for i in range(len(chosen)):
                matrices.append(output.matrix[i].numpy())
                logits.append(translated[i].numpy())
                features.append(output.pooled[i].numpy())
            stage.advance(len(chosen))
    try:
        part.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(part)  # another process of this training was faster
