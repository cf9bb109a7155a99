# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What is done with a bag, each made ready before it is measured."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
import math
from pathlib import Path

from dcat_ros.bags.metadata import METADATA
from dcat_ros.bags.reader import BagReader
from dcat_ros.commands.bag import FAILED

Work = Callable[[], int]
"""Does it, and returns how many messages or windows that were."""

RECIPES = 'imu', 'camera'
EPOCHS = 10
"""Of the recipe, one window of each clip in each: one alone is over in a second."""
TORN = 1000
"""Bytes that a bag lacks at its end when it has to be restored."""


def report(bag: Path, folder: Path) -> Work:
    """Draw up a bag's report, as `dcat bag report`."""
    from dcat_ros.commands import bag as program

    def work() -> int:
        if program.main(['report', str(bag), '--quiet', '--out', str(folder)]) == FAILED:
            raise OSError(f'{bag} cannot be reported on')
        return messages_of(bag)

    return work


def recover(bag: Path, folder: Path) -> Work:
    """Cut a bag short as a crash does, and restore it as `dcat recover`."""
    from dcat_ros.commands import recover as program

    (path,) = bag.glob('*.mcap')
    with path.open('r+b') as file:
        file.truncate(path.stat().st_size - TORN)
    (bag / METADATA).unlink()

    def work() -> int:
        if program.main([str(bag)]):
            raise OSError(f'{bag} cannot be restored')
        return messages_of(bag)

    return work


def cut(bag: Path, folder: Path, recipe: str) -> Work:
    """Cut a recipe's windows into the cache, or open them where they are there."""
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
    """Return where the windows of a recipe are kept."""
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
"""By name, in the order in which they are done: the last one changes the bag."""
