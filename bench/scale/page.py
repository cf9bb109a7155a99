# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The results as a page."""

from __future__ import annotations

from importlib.metadata import version

from bench.rig import tables
from bench.rig.bars import outcomes
from bench.rig.machine import machine
from bench.rig.tables import Rows
from bench.scale.results import Results, Trial
from bench.scale.tasks import EPOCHS, TORN

EXPLANATION = f"""\
The bags are those of `dcat simulate_bags`: an IMU (100 Hz), colour images of 160 x 120 (15 Hz),
16 kHz sound (25 chunks/s) and labels, of one person, in one file. Each task is done once, in a
process of its own.

- `report` is `dcat bag report`; `recover` is `dcat recover` of the bag without its last {TORN}
  bytes and without metadata.yaml.
- `cut windows` is the first reading of a training by a recipe: the windows to train on and those
  to score, written to the cache. `open cache` is the same once they are there.
- `train` opens the cache and fits {EPOCHS} epochs of the recipe in one thread. An epoch is one
  window of each clip, whatever the clip's length.

Peak RSS is the most that the process had in memory at once, `before` what the imports took of it.
`mapped files` is what it had in memory of files by its end, beyond `before`: the cache, above all.
Those pages belong to the kernel's page cache, which drops them when memory is short. Memory in the
bars is the peak without them. Bags and caches have been written just before, and are read from
memory where that is large enough."""


def sizes(results: Results) -> Rows:
    """Return the table of bytes, its head first."""
    recipes = list(results.sizes[0].caches)
    return [
        ['length', 'bag, MB', *(f'cache of {recipe}, MB' for recipe in recipes)],
        *(
            [f'{size.minutes:g} min', f'{size.bag / 1e6:.0f}',
             *(f'{size.caches[recipe] / 1e6:.0f}' for recipe in recipes)]
            for size in results.sizes
        ),
    ]


def costs(results: Results) -> Rows:
    """Return the table of time and memory, its head first."""
    return [
        ['task', 'bag', 'time, s', 'for a minute, s', 'peak RSS, MB', 'of it before',
         'of it mapped files', 'messages or windows'],
        *(_cost(trial) for task in results.tasks for trial in results.of(task)),
    ]


def _cost(trial: Trial) -> list[str]:
    return [
        trial.task,
        f'{trial.minutes:g} min',
        f'{trial.seconds:.1f}',
        f'{trial.pace:.2f}',
        *(f'{size / 1e6:.0f}' for size in (trial.peak, trial.before, trial.mapped)),
        f'{trial.count}',
    ]


def bars(results: Results) -> Rows:
    """Return the table of what was demanded, its head first."""
    found = results.bars
    return [
        ['bar', *(bar.demand for bar in found[results.tasks[0]])],
        *([task, *outcomes(each)] for task, each in found.items()),
    ]


def markdown(results: Results, folder: str) -> str:
    """Return the whole page.

    :param folder: kind of file system that bags and caches were on.
    """
    return '\n'.join([
        '# Memory and time against the length of a bag',
        '',
        f'By `python3 -m bench.scale`. {machine()}, torch {version("torch")}, on {folder}.',
        '',
        EXPLANATION,
        '',
        *tables.markdown(sizes(results)),
        '',
        *tables.markdown(costs(results)),
        '',
        *tables.markdown(bars(results)),
        '',
    ])
