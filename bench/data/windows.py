# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Time windows from bags, from the cache and by the hand-written loop; print it as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
import json
import math
from pathlib import Path
import sys
import time
from typing import Any

from bench.data.rosbag_windows import RosbagWindows
from dcat_ros.training import augment
from dcat_ros.training.batches import TrainingBatches, WindowBatches
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset, find_bags, load
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.negatives import NegativeWindows
from dcat_ros.training.progress import SilentReporter
from dcat_ros.training.sampling import sampling_units
import numpy as np
import torch
from torch.utils.data import DataLoader


def seconds(batches: Iterable[Any]) -> float:
    """Return the seconds of a pass over all batches."""
    start = time.perf_counter()
    for _ in batches:
        pass
    return time.perf_counter() - start


def cached(data: Dataset, batch: int, seed: int) -> DataLoader:
    """Return every training window once, shuffled, from the cache."""
    rows = np.random.default_rng(seed).permutation(len(data.dense))
    return DataLoader(
        WindowBatches(data.dense, rows, data.dense.clips, batch), batch_size=None
    )


def drawn(data: Dataset, config: Config, steps: int, seed: int) -> DataLoader:
    """Return batches as training draws and augments them."""
    augmentation = augment.create(config.modality, config.augment)
    batches = TrainingBatches(
        data, sampling_units(data, data.clips_of(data.subjects)), (), augmentation,
        NegativeWindows(
            config.modality, config.negatives, config.fit.batch, augmentation, None
        ),
        config.fit, seed, range(steps),
    )
    return DataLoader(batches, batch_size=None)


def measure(recipe: str, directory: Path, cache: Path, rounds: int) -> dict[str, Any]:
    """Return the fields of :class:`bench.data.results.Reading`.

    :param directory: of the bags.
    :param cache: must not exist.
    :raises TrainingError: if the bags cannot be used.
    """
    torch.set_num_threads(1)
    config, bags = Config.read(recipe), find_bags([directory])
    start = time.perf_counter()
    data = load(bags, config, cache, SilentReporter())
    building = time.perf_counter() - start
    batch = config.fit.batch
    steps = math.ceil(len(data.dense) / batch)
    hand_written = DataLoader(RosbagWindows(bags, config, data.classes), batch_size=batch)
    found: dict[str, Any] = {
        'built': len(data.dense) + len(data.live),
        'building': building,
        'windows': len(data.dense),
        'drawn_windows': steps * batch,
        'cache_bytes': sum(path.stat().st_size for path in cache.rglob('*')),
        'bag_bytes': sum(path.stat().st_size for path in directory.rglob('*.mcap')),
        'hand_written': [], 'cached': [], 'drawn': [],
    }
    for number in range(rounds):
        found['hand_written'].append(seconds(hand_written))
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
