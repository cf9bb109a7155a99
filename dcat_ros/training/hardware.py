# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The hardware of a training: accelerator, processes, precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dcat_ros.training.errors import TrainingError
from lightning.fabric.utilities.rank_zero import rank_zero_only

PRECISIONS = ('32-true', 'bf16-mixed', '16-mixed')
ACCELERATORS = ('auto', 'cpu', 'gpu')


@dataclass(frozen=True)
class Hardware:
    """Accelerator and processes; every process runs the whole program on its part of each batch.

    :param accelerator: ``auto`` for a GPU if there is one.
    :param devices: GPUs or CPU processes of each host.
    :param hosts: number of hosts, each started separately, for example by `torchrun` or Slurm.
    :param precision: of the arithmetic.
    :raises TrainingError: if a value is invalid.
    """

    accelerator: str = 'auto'
    devices: int = 1
    hosts: int = 1
    precision: Literal['32-true', 'bf16-mixed', '16-mixed'] = '32-true'

    def __post_init__(self) -> None:
        """Check the values."""
        for name, known in (('accelerator', ACCELERATORS), ('precision', PRECISIONS)):
            if getattr(self, name) not in known:
                raise TrainingError(
                    f'{name} is "{getattr(self, name)}", expected one of {", ".join(known)}'
                )
        if self.devices < 1 or self.hosts < 1:
            raise TrainingError(
                f'devices is {self.devices} and hosts is {self.hosts}, expected 1 or more'
            )

    @property
    def strategy(self) -> str:
        """Return Lightning's name for how the processes share the work."""
        return 'ddp' if self.devices * self.hosts > 1 else 'auto'


def is_first() -> bool:
    """Return whether this process is the one that reports and writes files."""
    return rank_zero_only.rank == 0  # type: ignore[attr-defined]
