# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A fit as `train` makes it, whose loader is watched; prints what it took as JSON.

With several processes Lightning starts this again for each further one.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import sys
from unittest.mock import patch

from bench.data.clock import Clock
from bench.data.steps import steps_of
from dcat_ros.training import fit
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import find_bags, load
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.hardware import Hardware, is_first
from dcat_ros.training.progress import SilentReporter
from dcat_ros.training.sampling import sampling_units
import torch


def train(recipe: str, bags: Path, cache: Path, place: Path, devices: int, steps: int) -> Clock:
    """Fit a recipe to all clips of some bags.

    :param cache: of the windows.
    :param place: of the fit, not there yet.
    :param devices: CPU processes that share each batch.
    :raises TrainingError: if it cannot be done.
    """
    torch.set_num_threads(1)
    config, clock = Config.read(recipe), Clock()
    data = load(find_bags([bags]), config, cache, SilentReporter())
    spec = fit.FitSpec(sampling_units(data, data.clips_of(data.subjects)), steps, 0)
    with patch.object(fit, 'DataLoader', clock.loader):
        fit.fit(data, config, spec, place, Hardware('cpu', devices), SilentReporter(), recipe)
    return clock


def main() -> int:
    """Train; the first process prints the seconds waited and in all, and the steps they are of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('recipe')
    for name in ('bags', 'cache', 'place'):
        parser.add_argument(name, type=Path)
    parser.add_argument('devices', type=int)
    parser.add_argument('steps', type=int)
    try:
        clock = train(**vars(parser.parse_args()))
    except (OSError, TrainingError) as error:
        sys.exit(str(error))
    if is_first():
        steps = steps_of(clock.runs)
        print(json.dumps({
            'steps': len(steps),
            'waited': sum(step.waited for step in steps),
            'lasted': sum(step.lasted for step in steps),
        }))
    return 0


if __name__ == '__main__':
    sys.exit(main())
