# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Notes when a training asks for its batches."""

from __future__ import annotations

from collections.abc import Iterator
import time
from typing import Any

from bench.data.steps import Moment
from torch.utils.data import DataLoader


class Watched:
    """A loader whose passes are watched.

    :param batches: what is loaded.
    :param runs: gets the moments of each pass.
    """

    def __init__(self, batches: DataLoader, runs: list[list[Moment]]) -> None:
        self._batches = batches
        self._runs = runs

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[Any]:
        batches = iter(self._batches)
        run: list[Moment] = []
        self._runs.append(run)
        while True:
            asked = time.perf_counter()
            batch = next(batches, None)
            if batch is None:
                return
            run.append(Moment(asked, time.perf_counter()))
            yield batch


class Clock:
    """Makes loaders that are watched; ``runs`` has the moments of each pass over one."""

    def __init__(self) -> None:
        self.runs: list[list[Moment]] = []

    def loader(self, *arguments: Any, **settings: Any) -> Watched:
        """Return a watched DataLoader; arguments as its own."""
        return Watched(DataLoader(*arguments, **settings), self.runs)
