# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The arithmetic of stamps: period, holes, losses, disorder; all times in ns."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dcat_ros.windows import Stream
import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]


class Disorder(NamedTuple):
    """How often stamps did not rise, in the words of `windows.Stream`.

    ``out_of_order``: below the newest so far. ``repeated``: equal to it. ``jumps_back``: below
    it by more than a second, after which order is judged anew.
    """

    out_of_order: int
    repeated: int
    jumps_back: int


def count_disorder(stamps: Iterable[int]) -> Disorder:
    """Count the stamps that did not rise, in the order of arrival."""
    out_of_order = repeated = jumps_back = 0
    newest = -(2**63)
    for stamp in stamps:
        if stamp > newest:
            newest = stamp
        elif stamp == newest:
            repeated += 1
        elif stamp < newest - Stream.CLOCK_JUMP:
            jumps_back += 1
            newest = stamp
        else:
            out_of_order += 1
    return Disorder(out_of_order, repeated, jumps_back)


def median_period(times: Times, steps: int = 1) -> float | None:
    """Return the median time from one message to the next, None for fewer than two.

    :param times: rising.
    :param steps: so many steps are taken together, for times that come in bursts.
    """
    over = min(steps, len(times) - 1)
    if over < 1:
        return None
    return float(np.median(times[over:] - times[:-over])) / over


def steps_within(times: Times, stretches: Times) -> Times:
    """Return the steps between neighbouring times of one stretch.

    :param times: rising.
    :param stretches: shape (n, 2), start and end of each, in order, not overlapping.
    """
    bounds = np.searchsorted(times, stretches)
    return np.concatenate(
        [np.empty(0, np.int64), *(np.diff(times[first:last]) for first, last in bounds)]
    )


def find_gaps(times: Times, limit: float, stretches: Times) -> Times:
    """Return the parts of the stretches, longer than `limit`, in which nothing came.

    :param times: rising.
    :param stretches: shape (n, 2), start and end of each, in order, not overlapping.
    :returns: shape (m, 2), start and end of each hole.
    """
    found = [np.empty((0, 2), np.int64)]
    for (start, end), (first, last) in zip(
        stretches, np.searchsorted(times, stretches), strict=True
    ):
        points = np.concatenate([[start], times[first:last], [end]])
        wide = np.flatnonzero(np.diff(points) > limit)
        found.append(np.stack([points[wide], points[wide + 1]], axis=1))
    return np.concatenate(found)


def count_missing(steps: Times, period: float) -> int:
    """Estimate how many messages the steps leave out, short steps making up for long ones."""
    return max(int((np.rint(steps / period) - 1).sum()), 0)


def overlap(spans: Times, others: Times) -> int:
    """Return the time that lies in both.

    :param spans: shape (n, 2), in order, not overlapping.
    :param others: shape (m, 2), likewise.
    """
    shared = 0
    for start, end in others:
        first, last = np.searchsorted(spans[:, 1], start), np.searchsorted(spans[:, 0], end)
        shared += int(np.diff(np.clip(spans[first:last], start, end)).sum())
    return shared


def spans_of(pairs: Sequence[tuple[int, int]]) -> Times:
    """Return pairs of start and end as an array (n, 2)."""
    return np.array(pairs, np.int64).reshape(-1, 2)
