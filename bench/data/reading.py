# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Windows from bags, from the cache, and by hand; prints how long each took as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
import json
import math
from pathlib import Path
import sys
import time
from typing import Any

from bench.data.by_hand import ByHand
from dcat_ros.training import augment
from dcat_ros.training.batches import TrainingBatches, WindowBatches
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset, find_bags, load
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.progress import SilentReporter
from dcat_ros.training.sampling import sampling_units
import numpy as np
import torch
from torch.utils.data import DataLoader


def seconds(batches: Iterable[Any]) -> float:
    """Return how long a pass over all batches takes."""
    since = time.perf_counter()
    for _ in batches:
        pass
    return time.perf_counter() - since


def cached(data: Dataset, batch: int, seed: int) -> DataLoader:
    """Return every training window once, shuffled, as it is in the cache."""
    rows = np.random.default_rng(seed).permutation(len(data.dense))
    return DataLoader(
        WindowBatches(data.dense, rows, data.dense.clips, batch), batch_size=None
    )


def drawn(data: Dataset, config: Config, steps: int, seed: int) -> DataLoader:
    """Return batches as training draws and augments them."""
    batches = TrainingBatches(
        data, sampling_units(data, data.clips_of(data.subjects)), (),
        augment.create(config.modality, config.augment), config.fit, seed, range(steps),
    )
    return DataLoader(batches, batch_size=None)


def measure(recipe: str, directory: Path, cache: Path, rounds: int) -> dict[str, Any]:
    """Return what :class:`bench.data.results.Reading` holds.

    :param directory: of the bags.
    :param cache: not there yet.
    :raises TrainingError: if the bags cannot be used.
    """
    torch.set_num_threads(1)
    config, bags = Config.read(recipe), find_bags([directory])
    since = time.perf_counter()
    data = load(bags, config, cache, SilentReporter())
    building = time.perf_counter() - since
    batch = config.fit.batch
    steps = math.ceil(len(data.dense) / batch)
    by_hand = DataLoader(ByHand(bags, config, data.classes), batch_size=batch)
    found: dict[str, Any] = {
        'built': len(data.dense) + len(data.live),
        'building': building,
        'windows': len(data.dense),
        'drawn_windows': steps * batch,
        'cache_bytes': sum(path.stat().st_size for path in cache.rglob('*')),
        'bag_bytes': sum(path.stat().st_size for path in directory.rglob('*.mcap')),
        'by_hand': [], 'cached': [], 'drawn': [],
    }
    for number in range(rounds):
        found['by_hand'].append(seconds(by_hand))
        found['cached'].append(seconds(cached(data, batch, number)))
        found['drawn'].append(seconds(drawn(data, config, steps, number)))
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('recipe')
    parser.add_argument('directory', type=Path)
    parser.add_argument('cache', type=Path)
    parser.add_argument('rounds', type=int)
    try:
        print(json.dumps(measure(**vars(parser.parse_args()))))
    except (OSError, TrainingError) as error:
        sys.exit(str(error))
    return 0


if __name__ == '__main__':
    sys.exit(main())
