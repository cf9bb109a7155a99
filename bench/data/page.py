# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The results as a page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from math import isfinite
from statistics import median

from bench.data.recipes import DEPTH_RATE, SUBJECTS
from bench.data.results import ALONE, Reading, Result, TOGETHER
from bench.data.steps import WARM_UP
from bench.rig import tables
from bench.rig.bars import outcomes
from bench.rig.machine import machine
from bench.rig.tables import Rows

EXPLANATION = f"""\
The bags are those of `dcat simulate_bags`, one sensor each. For depth, which the simulated person
lacks, they hold its labels and 320 x 240 images in 16UC1 at {DEPTH_RATE} Hz of somebody who moves
both arms, the same few over and over, which pack well. Bags and cache are in the kernel's page
cache as long as that has room: no disk is measured.

## Windows

- `first reading` cuts the windows to train on and those to score, and writes them to the cache
  (`training/dataset.py`); it comes once.
- `by hand` is the loop that one writes (`bench/data/by_hand.py`): in every pass rosbags reads and
  decodes the bags, and windows are sliced from arrays, in a DataLoader that makes batches. It cuts
  the windows to train on, and resamples and scales them by the package's functions; a test shows
  that they are the same, number for number. It knows neither gaps nor damaged messages.
- `from the cache` gives the same windows in shuffled batches, through a DataLoader.
- `as trained on` is how training takes them from there: drawn by clip, and augmented
  (`training/batches.py`).

A pass is all windows to train on, once; windows/s are the median of the rounds. `paid back after`
is the number of passes by hand that take as long as the first reading and as many passes from the
cache. Somebody who keeps decoded samples in memory reads once too, as far as the memory goes.

## Training

The fit is that of `dcat train` on a CPU (`training/fit.py`), one thread a process, with a
DataLoader that is watched. A step lasts from asking for a batch to asking for the next one;
waiting is the DataLoader's `next()`, in the first process. The first {WARM_UP} steps are left out,
and so is what lies between two passes over a loader, where checkpoints are written. Two processes
share each batch: a step learns from as many windows as that of one process. `times one` is the
median over the rounds of the ratio in the same round."""


def windows(results: Sequence[Result]) -> Rows:
    """Return the table of windows per second, its head first."""
    return [
        ['windows/s', 'first reading', 'by hand', 'from the cache', 'times by hand',
         'as trained on'],
        *([each.recipe, *_windows(each.reading)] for each in results),
    ]


def _windows(found: Reading) -> list[str]:
    return [
        f'{found.built / found.building:.0f}',
        f'{found.windows / median(found.by_hand):.0f}',
        f'{found.windows / median(found.cached):.0f}',
        f'{found.gain:.0f}',
        f'{found.drawn_windows / median(found.drawn):.0f}',
    ]


def sizes(results: Sequence[Result]) -> Rows:
    """Return the table of bytes, and of what the first reading costs, its head first."""
    return [
        ['size', 'windows to train on', 'bags, MB', 'cache, MB', 'first reading, s',
         'paid back after'],
        *([each.recipe, *_sizes(each.reading)] for each in results),
    ]


def _sizes(found: Reading) -> list[str]:
    passes = found.paid_back
    return [
        f'{found.windows}',
        f'{found.bag_bytes / 1e6:.1f}',
        f'{found.cache_bytes / 1e6:.1f}',
        f'{found.building:.1f}',
        f'{passes:.1f} passes' if isfinite(passes) else 'never',
    ]


def training(results: Sequence[Result]) -> Rows:
    """Return the table of fits, its head first."""
    return [
        ['training', 'batch', 'step, ms', 'of it waiting, ms', 'waiting', 'one process, steps/s',
         'two processes, steps/s', 'times one'],
        *([each.recipe, *_training(each)] for each in results),
    ]


def _training(result: Result) -> list[str]:
    step = 1000 / result.rate(ALONE)
    return [
        f'{result.batch}',
        f'{step:.1f}',
        f'{result.waiting * step:.1f}',
        f'{100 * result.waiting:.1f} %',
        f'{result.rate(ALONE):.1f}',
        f'{result.rate(TOGETHER):.1f}',
        f'{result.speed_up:.2f}',
    ]


def bars(results: Sequence[Result]) -> Rows:
    """Return the table of what was demanded, its head first."""
    return [
        ['bar', *(bar.demand for bar in results[0].bars)],
        *([each.recipe, *outcomes(each.bars)] for each in results),
    ]


def markdown(results: Sequence[Result], duration: float, rounds: int, steps: int) -> str:
    """Return the whole page.

    :param duration: of each bag, s.
    :param steps: of each fit.
    """
    return '\n'.join([
        '# Data for training: windows, and what a step waits for',
        '',
        f'By `python3 -m bench.data`. {machine()}, torch {version("torch")}, rosbags '
        f'{version("rosbags")}.',
        '',
        EXPLANATION,
        '',
        '## Results',
        '',
        f'For each recipe {SUBJECTS} bags of {duration:g} s; rounds: {rounds}; steps of a fit: '
        f'{steps}.',
        '',
        *tables.markdown(windows(results)),
        '',
        *tables.markdown(sizes(results)),
        '',
        *tables.markdown(training(results)),
        '',
        *tables.markdown(bars(results)),
        '',
    ])
