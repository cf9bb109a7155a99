# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Run one task with a bag, and print its time and memory as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
import json
import math
import os
from pathlib import Path
import sys
import time

from bench.common.process import mapped_memory, peak_memory
from dcat_ros.bags.metadata import METADATA
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.commands.bag import FAILED
from dcat_ros.training.errors import TrainingError

Work = Callable[[], int]
"""Runs the task, and returns the number of messages or windows."""

RECIPES = 'imu', 'camera'
EPOCHS = 10
"""Passes over all clips; a single one takes only a second."""
TRUNCATED = 1000
"""Bytes cut off the end of a bag before it is recovered."""


def report(bag: Path, folder: Path) -> Work:
    """Report on a bag, as `dcat bag report`."""
    from dcat_ros.commands import bag as program

    def work() -> int:
        if program.main(['report', str(bag), '--quiet', '--out', str(folder)]) == FAILED:
            raise OSError(f'{bag} cannot be reported on')
        return messages_of(bag)

    return work


def recover(bag: Path, folder: Path) -> Work:
    """Truncate a bag as a crash does, and recover it as `dcat recover`."""
    from dcat_ros.commands import recover as program

    (path,) = bag.glob('*.mcap')
    with path.open('r+b') as file:
        file.truncate(path.stat().st_size - TRUNCATED)
    (bag / METADATA).unlink()

    def work() -> int:
        if program.main([str(bag)]):
            raise OSError(f'{bag} cannot be recovered')
        return messages_of(bag)

    return work


def cut(bag: Path, folder: Path, recipe: str) -> Work:
    """Cut a recipe's windows into the cache, or open the cache if it exists."""
    from dcat_ros.training.config import Config
    from dcat_ros.training.dataset import load
    from dcat_ros.training.progress import SilentReporter

    def work() -> int:
        data = load([bag], Config.read(recipe), cache_of(folder, recipe), SilentReporter())
        return len(data.dense) + len(data.live)

    return work


def train(bag: Path, folder: Path, recipe: str) -> Work:
    """Open a recipe's windows, and fit for `EPOCHS`."""
    from dcat_ros.training import fit
    from dcat_ros.training.config import Config
    from dcat_ros.training.dataset import load
    from dcat_ros.training.fit_runner import LEAST_STEPS
    from dcat_ros.training.hardware import Hardware
    from dcat_ros.training.progress import SilentReporter
    from dcat_ros.training.sampling import sampling_units
    import torch

    torch.set_num_threads(1)

    def work() -> int:
        config, silent = Config.read(recipe), SilentReporter()
        data = load([bag], config, cache_of(folder, recipe), silent)
        units = sampling_units(data, data.clips_of(data.subjects))
        steps = max(LEAST_STEPS, math.ceil(EPOCHS * len(units) / config.fit.batch))
        spec = fit.FitSpec(units, steps, 0)
        fit.fit(data, config, spec, folder / f'{recipe}.fit', Hardware('cpu'), silent, recipe)
        return steps * config.fit.batch

    return work


def cache_of(folder: Path, recipe: str) -> Path:
    """Return the cache of a recipe's windows."""
    return folder / f'{recipe}.cache'


def messages_of(bag: Path) -> int:
    """Return how many messages a bag holds."""
    with BagReader(bag) as reader:
        return reader.message_count


TASKS: dict[str, Callable[[Path, Path], Work]] = {
    'report': report,
    'cut windows, imu': partial(cut, recipe='imu'),
    'cut windows, camera': partial(cut, recipe='camera'),
    'open cache, camera': partial(cut, recipe='camera'),
    'train, imu': partial(train, recipe='imu'),
    'train, camera': partial(train, recipe='camera'),
    'recover': recover,
}
"""By name, in the order of their execution: the last one changes the bag."""


def main() -> int:
    """Prepare and run the task; of the preparation only ``before`` is reported."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('task', choices=TASKS)
    parser.add_argument('bag', type=Path)
    parser.add_argument('folder', type=Path)
    args, process = parser.parse_args(), os.getpid()
    try:
        work = TASKS[args.task](args.bag, args.folder)
        before, files = peak_memory(process), mapped_memory(process)
        start = time.perf_counter()
        count = work()
        seconds = time.perf_counter() - start
    except (BagError, OSError, TrainingError) as error:
        sys.exit(str(error))
    peak, grown = peak_memory(process), max(0, mapped_memory(process) - files)
    print(json.dumps({
        'seconds': seconds, 'before': before, 'peak': peak, 'mapped': grown, 'count': count,
    }))
    return 0


if __name__ == '__main__':
    sys.exit(main())
