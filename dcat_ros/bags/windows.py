# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The windows of a bag, cut as the live node cuts them, each with its label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dcat_ros.bags.labels import Interval, interval_at
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.samples import Decoded, SampleReader
from dcat_ros.modalities import Modality
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.windows import Stream, Window, WindowSpec
import numpy as np
from numpy.typing import NDArray


class View(NamedTuple):
    """What a model sees of a bag: one sensor, in windows of one shape."""

    modality: Modality
    spec: WindowSpec


class BagWindow(NamedTuple):
    """One model input.

    ``start``, ``end``: header stamps in ns, as of :class:`dcat_ros.windows.Window`.
    ``arrival``: bag time in ns of the message that completed it. ``inputs``: float32.
    ``label``: the activity, empty where the window does not lie within one. ``group``: what must
    not be split between training and test.
    """

    start: int
    end: int
    arrival: int
    inputs: NDArray[np.float32]
    label: str
    group: str


class WindowReader:
    """Iterates over the windows of some sensors of an open bag, in the order they are complete.

    The bag is read once, one message at a time. A window outside of all labelled intervals
    belongs to the bag's subject.

    :raises BagError: if the bag lacks a sensor, or its labels cannot be read.
    """

    def __init__(self, reader: BagReader, views: Sequence[View]) -> None:
        self.samples = SampleReader(reader, [view.modality for view in views])
        self._views = views
        self._intervals = reader.labels()
        self._subject = reader.custom.get('subject', '')

    def __iter__(self) -> Iterator[tuple[int, BagWindow]]:
        """Yield the view's number and the window.

        :raises BagError: as of :class:`SampleReader`.
        """
        streams = [Stream(view.modality, view.spec, Decoded()) for view in self._views]
        for number, samples, arrival in self.samples:
            for window in streams[number].push(samples):
                interval = interval_of(window, self._views[number].spec, self._intervals)
                yield number, BagWindow(
                    window.start,
                    window.end,
                    arrival,
                    window.inputs,
                    interval.label if interval else '',
                    interval.group if interval else self._subject,
                )


def windows(bag: Path, view: View, labelled: bool = False) -> Iterator[BagWindow]:
    """Yield the windows of one sensor of a bag.

    :param labelled: whether to leave out the windows without label.
    :raises BagError: as of :class:`WindowReader`.
    """
    with BagReader(bag) as reader:
        for _, window in WindowReader(reader, [view]):
            if window.label or not labelled:
                yield window


def interval_of(
    window: Window, spec: WindowSpec, intervals: Sequence[Interval]
) -> Interval | None:
    """Return the labelled interval that a window lies in, None where there is none.

    The window may begin half a sample before the interval.

    :param intervals: in order of time, not overlapping.
    """
    tolerance = round(0.5 * NANOSECONDS / spec.rate)
    return interval_at(intervals, window.start + tolerance, window.end)
