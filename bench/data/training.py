# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Fit a recipe as `dcat train` does, with a timed loader; print the times as JSON.

Lightning starts this program again for each further process.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import pairwise
import json
from pathlib import Path
import sys
import time
from typing import Any, NamedTuple
from unittest.mock import patch

from bench.data.results import WARM_UP
from dcat_ros.training import fit
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import find_bags, load
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.hardware import Hardware, is_first
from dcat_ros.training.progress import SilentReporter
from dcat_ros.training.sampling import sampling_units
import torch
from torch.utils.data import DataLoader


class BatchTime(NamedTuple):
    """When a batch was requested, and when it was received, in s."""

    requested: float
    received: float


class Step(NamedTuple):
    """Seconds waited for a step's batch, and seconds from its request to the next one's."""

    waited: float
    lasted: float


def steps_of(passes: Sequence[Sequence[BatchTime]], warm_up: int = WARM_UP) -> list[Step]:
    """Return the steps of passes over a loader; time between two passes belongs to none.

    :param warm_up: number of steps at the beginning that are left out.
    """
    steps = [
        Step(batch.received - batch.requested, following.requested - batch.requested)
        for times in passes for batch, following in pairwise(times)
    ]
    return steps[warm_up:]


class TimedLoader:
    """A DataLoader that records when each batch is requested and received.

    :param loader: the DataLoader.
    :param passes: gets the times of each pass.
    """

    def __init__(self, loader: DataLoader, passes: list[list[BatchTime]]) -> None:
        self._loader = loader
        self._passes = passes

    def __len__(self) -> int:
        return len(self._loader)

    def __iter__(self) -> Iterator[Any]:
        batches = iter(self._loader)
        times: list[BatchTime] = []
        self._passes.append(times)
        while True:
            requested = time.perf_counter()
            batch = next(batches, None)
            if batch is None:
                return
            times.append(BatchTime(requested, time.perf_counter()))
            yield batch


def train(
    recipe: str, bags: Path, cache: Path, folder: Path, devices: int, steps: int
) -> list[list[BatchTime]]:
    """Fit a recipe to all clips of some bags; return the times of each pass over a loader.

    :param cache: of the windows.
    :param folder: of the fit, must not exist.
    :param devices: CPU processes that share each batch.
    :raises TrainingError: if the bags cannot be used.
    """
    torch.set_num_threads(1)
    config = Config.read(recipe)
    passes: list[list[BatchTime]] = []

    def timed_loader(*arguments: Any, **settings: Any) -> TimedLoader:
        return TimedLoader(DataLoader(*arguments, **settings), passes)

    data = load(find_bags([bags]), config, cache, SilentReporter())
    spec = fit.FitSpec(sampling_units(data, data.clips_of(data.subjects)), steps, 0)
    with patch.object(fit, 'DataLoader', timed_loader):
        fit.fit(data, config, spec, folder, Hardware('cpu', devices), SilentReporter(), recipe)
    return passes


def main() -> int:
    """Train; the first process prints the number of steps, and the seconds waited and in all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('recipe')
    for name in ('bags', 'cache', 'folder'):
        parser.add_argument(name, type=Path)
    parser.add_argument('devices', type=int)
    parser.add_argument('steps', type=int)
    try:
        passes = train(**vars(parser.parse_args()))
    except (OSError, TrainingError) as error:
        sys.exit(str(error))
    if is_first():
        steps = steps_of(passes)
        print(json.dumps({
            'steps': len(steps),
            'waited': sum(step.waited for step in steps),
            'lasted': sum(step.lasted for step in steps),
        }))
    return 0


if __name__ == '__main__':
    sys.exit(main())
