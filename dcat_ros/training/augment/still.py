# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Windows that repeat one frame."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor


@dataclass(frozen=True)
class NoAugmentation:
    """Returns windows unchanged, for a modality without augmentation."""

    def __call__(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return the windows."""
        return windows

    def idle(self, windows: Tensor, generator: Generator) -> Tensor:
        """Hold one frame of each window."""
        return hold_one_frame(windows, generator)


def hold_one_frame(windows: Tensor, generator: Generator) -> Tensor:
    """Return windows (batch, size, ...) that repeat one random frame of each."""
    count, size = windows.shape[:2]
    chosen = torch.randint(size, (count,), generator=generator)
    return windows[torch.arange(count), chosen].unsqueeze(1).repeat_interleave(size, dim=1)
