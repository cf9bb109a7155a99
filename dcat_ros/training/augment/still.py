"""Windows in which time stands still."""

import torch
from torch import Generator, Tensor


def hold_one_frame(windows: Tensor, generator: Generator) -> Tensor:
    """Return windows (batch, size, ...) that repeat one random frame of each."""
    count, size = windows.shape[:2]
    chosen = torch.randint(size, (count,), generator=generator)
    return windows[torch.arange(count), chosen].unsqueeze(1).repeat_interleave(size, dim=1)
