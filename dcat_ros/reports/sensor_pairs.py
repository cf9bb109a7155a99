# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How far apart in time the samples of two sensors lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from dcat_ros.modalities.base import NANOSECONDS, nearest
from dcat_ros.reports.clock_offset import ClockOffset, estimate
from dcat_ros.reports.movement import Movement
from dcat_ros.reports.stamp_statistics import Times
import numpy as np
from numpy.typing import NDArray

BINS = 41


@dataclass(frozen=True)
class SensorPair:
    """Offsets from each sample of the slower sensor to the nearest one of the faster.

    An offset is the faster sensor's stamp less the slower one's, in s.

    :param slower: its topic.
    :param faster: its topic.
    :param median: of the offsets.
    :param worst: the one farthest from zero.
    :param edges: (BINS + 1,) of the histogram, one period of the faster to either side of zero,
        or as much as shows most offsets.
    :param counts: (BINS,).
    :param beyond: samples whose offset lies outside the histogram.
    :param clock: of the slower sensor against the faster, by their data; None if not estimated.
    """

    slower: str
    faster: str
    median: float
    worst: float
    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    beyond: int
    clock: ClockOffset | None = None


def nearest_offsets(slower: Times, faster: Times) -> Times:
    """Return the offset in ns of each time of the slower to the nearest of the faster.

    :param slower: rising.
    :param faster: rising, at least two.
    """
    return faster[nearest(faster, slower)] - slower


def describe_pair(slower: tuple[str, Times], faster: tuple[str, Times]) -> SensorPair:
    """Describe the offsets of two sensors, each given as topic and rising stamps (ns)."""
    apart = nearest_offsets(slower[1], faster[1]) / NANOSECONDS
    period = float(np.median(np.diff(faster[1]))) / NANOSECONDS
    reach = max(period, 2.0 * float(np.median(np.abs(apart))))
    counts, edges = np.histogram(apart, BINS, (-reach, reach))
    return SensorPair(
        slower=slower[0],
        faster=faster[0],
        median=float(np.median(apart)),
        worst=float(apart[np.abs(apart).argmax()]),
        edges=edges,
        counts=counts,
        beyond=len(apart) - int(counts.sum()),
    )


def describe_pairs(stamps: Mapping[str, Times]) -> list[SensorPair]:
    """Describe each two sensors that have two samples or more.

    :param stamps: rising stamps (ns) of each sensor's topic.
    """
    usable = [(topic, times) for topic, times in stamps.items() if len(times) > 1]
    by_rate = sorted(usable, key=lambda item: float(np.median(np.diff(item[1]))), reverse=True)
    return [describe_pair(slower, faster) for slower, faster in combinations(by_rate, 2)]


def with_clocks(
    pairs: Sequence[SensorPair], movements: Mapping[str, Movement]
) -> list[SensorPair]:
    """Return pairs with the offsets of their clocks.

    :param movements: what sensors saw move, by topic; pairs of other topics stay as they are.
    """
    return [
        replace(pair, clock=estimate(movements[pair.slower], movements[pair.faster]))
        if {pair.slower, pair.faster} <= movements.keys() else pair
        for pair in pairs
    ]
