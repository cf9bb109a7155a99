# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""By how much the clocks of two sensors differ, estimated from the movement that both saw.

The logarithms of the amounts of movement, smoothed and without their slow changes, are correlated
over all offsets. The highest correlation counts only if it stands out: in most blocks of some
seconds it must be above that of each other offset, as Student's t over the blocks says. Rhythmic
movement, such as walking, has almost equal peaks and passes only if it varies.
"""

from __future__ import annotations

from dataclasses import dataclass

from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.reports.movement import KINDS, LONGEST_STEP, Movement, Numbers, STRETCH, Times
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

RATE = 50
"""Hz, at which movements are compared."""
SMOOTH, SLOW = 0.04, 1.0
"""s, standard deviations: of the smoothing, and of the slow changes that are removed."""
SOUND_SMOOTH = 0.02
"""s, standard deviation of the smoothing before the rise of a sound is measured."""
FARTHEST = 2.0
"""s, the largest offset that is found."""
COMPARED = 4.0
"""s, the largest offset whose correlation the highest one is compared with."""
NEAR = 0.2
"""s about the highest correlation that are part of its peak."""
BLOCK = 8.0
"""s, length of the blocks."""
BLOCK_SHARE = 0.3
"""Least share of a block in which both sensors have samples."""
LEAST_BLOCKS = 8
LEAST_VARIATION = 0.1
"""Least standard deviation of the logarithm of movement; below it, nothing moves."""
MOST_DEVIATION = 3.0
"""Standard deviations to which bursts are limited."""
LEAST_CORRELATION = 0.25
LEAST_T = 1.5
"""Least Student's t by which the highest correlation is above each of those elsewhere."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class ClockOffset:
    """By how much the clocks of two sensors differ.

    :param sensor: name of the first sensor.
    :param other: name of the second one.
    :param seconds: by which the first clock is ahead of the second: what is to be subtracted from
        the first sensor's stamps, its `clock_offset`. None if the data do not tell.
    :param correlation: of the two movements at that offset.
    :param reason: why there is no estimate, empty if there is one.
    """

    sensor: str
    other: str
    seconds: float | None = None
    correlation: float | None = None
    reason: str = ''


def estimate(first: Movement, second: Movement) -> ClockOffset:
    """Estimate the offset of the clocks of two sensors."""
    grid = _grid(first.times, second.times)
    names = first.sensor, second.sensor
    signals = [_signal(each, grid) for each in (first, second)]
    for sensor, (values, known) in zip(names, signals, strict=True):
        if not known.any() or np.std(values[known]) < LEAST_VARIATION:
            return ClockOffset(*names, reason=f'{sensor} sees too little movement')
    blocks = _blocks(*signals)
    if len(blocks.products) < LEAST_BLOCKS:
        return ClockOffset(
            *names, reason=f'both move for less than {LEAST_BLOCKS * BLOCK:.0f} s together'
        )
    return _judged(names, blocks)


@dataclass(frozen=True)
class _Blocks:
    """Sums of each block (rows) at each offset (columns), the first signal moved by the offset.

    :param products: of both signals.
    :param overlap: how many values of both are known.
    :param first: squares of the first signal where the second is known.
    :param second: the reverse.
    """

    products: Numbers
    overlap: Numbers
    first: Numbers
    second: Numbers


def _grid(*stamps: Times) -> Times:
    """Return times (n,) in ns, RATE apart, over the stretches that have samples, and margins."""
    cells = np.unique(np.concatenate([each // STRETCH for each in stamps]))
    step, margin = NANOSECONDS // RATE, round(COMPARED * NANOSECONDS)
    runs = np.split(cells, np.flatnonzero(np.diff(cells) > 1) + 1)
    return np.concatenate([
        np.arange(run[0] * STRETCH - margin, (run[-1] + 1) * STRETCH + margin, step)
        for run in runs if len(run)
    ])


def _signal(movement: Movement, grid: Times) -> tuple[Numbers, Mask]:
    """Return the movement on a grid, and where it is known; 0 elsewhere."""
    times = (movement.times - grid[0]) / NANOSECONDS
    points = (grid - grid[0]) / NANOSECONDS
    if len(times) < 2:
        return np.zeros(len(grid)), np.zeros(len(grid), bool)
    after = np.clip(np.searchsorted(times, points), 1, len(times) - 1)
    known = (times[after] - times[after - 1] < LONGEST_STEP) & (
        (points >= times[0]) & (points <= times[-1])
    )
    means = (movement.amounts[1:] + movement.amounts[:-1]) / 2
    total = np.concatenate([[0.0], np.cumsum(means * np.diff(times))])
    ends = (np.interp(points + side / (2 * RATE), times, total) for side in (-1, 1))
    values = np.subtract(*ends) * -RATE
    is_sound = movement.modality == 'audio'
    smoothed = _local_mean(values, known, SOUND_SMOOTH if is_sound else SMOOTH)
    level = np.log(np.maximum(smoothed, 0.0) + KINDS[movement.modality].floor)
    if is_sound:  # its rise, since a sound dies away slowly
        level = _local_mean(np.maximum(np.gradient(level) * RATE, 0.0), known, SMOOTH)
    return np.where(known, level - _local_mean(level, known, SLOW), 0.0), known


def _local_mean(values: Numbers, known: Mask, deviation: float) -> Numbers:
    """Return the mean of the known values about each, weighted by a Gaussian."""
    weights, sums = (
        gaussian_filter1d(each, deviation * RATE, mode='constant')
        for each in (known.astype(np.float64), values * known)
    )
    return sums / np.maximum(weights, 1e-6)


def _blocks(first: tuple[Numbers, Mask], second: tuple[Numbers, Mask]) -> _Blocks:
    size, reach = round(BLOCK * RATE), round(COMPARED * RATE)
    (one, one_known), (two, two_known) = (_limited(*each) for each in (first, second))
    padded, padded_known = np.pad(one, reach), np.pad(one_known, reach)
    rows = []
    for start in range(0, len(two), size):
        here, ahead = slice(start, start + size), slice(start, start + size + 2 * reach)
        values, known = two[here], two_known[here]
        if min(known.sum(), one_known[here].sum()) < BLOCK_SHARE * size:
            continue
        moved, moved_known = (
            each[ahead][:len(known) + 2 * reach] for each in (padded, padded_known)
        )
        rows.append([
            np.correlate(moved, values), np.correlate(moved_known, known),
            np.correlate(moved**2, known), np.correlate(moved_known, values**2),
        ])
    sums = np.array(rows).reshape(-1, 4, 2 * reach + 1)
    return _Blocks(*np.moveaxis(sums, 1, 0))


def _limited(values: Numbers, known: Mask) -> tuple[Numbers, Numbers]:
    scaled = values / np.std(values[known])
    return np.clip(scaled, -MOST_DEVIATION, MOST_DEVIATION), known.astype(np.float64)


def _judged(names: tuple[str, str], blocks: _Blocks) -> ClockOffset:
    """Return the offset of the highest correlation, if it stands out."""
    reach = blocks.products.shape[1] // 2
    offsets = np.arange(-reach, reach + 1) / RATE
    scale = np.sqrt(np.maximum(blocks.first.sum(0) * blocks.second.sum(0), 1e-9))
    parts = blocks.products / scale
    correlation = parts.sum(0)
    overlap = blocks.overlap.sum(0)
    enough = overlap > 0.5 * overlap.max()
    candidates = np.flatnonzero(enough & (np.abs(offsets) <= FARTHEST))
    unclear = ClockOffset(*names, reason='their movements agree at no offset, or at several')
    if not len(candidates):
        return unclear
    best = candidates[correlation[candidates].argmax()]
    before, peak, after = correlation[best - 1:best + 2]
    elsewhere = enough & (np.abs(offsets - offsets[best]) > NEAR)
    above = parts[:, [best]] - parts[:, elsewhere]
    error = above.std(0, ddof=1) / np.sqrt(len(above)) + 1e-12
    is_peak = peak > max(before, after, LEAST_CORRELATION)
    if not is_peak or (above.mean(0) / error).min() < LEAST_T:
        return unclear
    between = 0.5 * (before - after) / (before - 2 * peak + after)
    return ClockOffset(*names, float(offsets[best] + between / RATE), float(peak))
