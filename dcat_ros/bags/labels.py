# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Label messages and the labelled intervals that they make."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

UNDO = '\b'
"""Prefix of a text that undoes the last change of label.

The label that continues instead follows, or nothing for none, so that subscribers that joined
after that change understand the message too.
"""


@dataclass(frozen=True)
class Interval:
    """A period of time with one activity: `start <= stamp < end`.

    :param label: the activity's name, never empty.
    :param start: first stamp, ns.
    :param end: the stamp after the last one, ns.
    :param group: what must not be split between training and test: a subject, a source recording.
    """

    label: str
    start: int
    end: int
    group: str = ''


class LabelTrack:
    """Turns label messages, in order of time, into changes of the current label.

    A label is valid from its stamp until another text or the empty one. Repeated texts and blanks
    around a text are ignored. `UNDO` before a text cancels the last change: the label after
    `UNDO` has been valid since then.

    `changes` holds stamp (ns) and label of each change that was not undone. The first change is
    the first message, with or without a label.
    """

    def __init__(self) -> None:
        self.changes: list[tuple[int, str]] = []

    @property
    def label(self) -> str:
        """Return the current label, empty if there is none."""
        return self.changes[-1][1] if self.changes else ''

    @property
    def since(self) -> int | None:
        """Stamp (ns) since which `label` is valid, None before the first message."""
        return self.changes[-1][0] if self.changes else None

    @property
    def undo(self) -> str | None:
        """Return the text that undoes the last change, None if there is none."""
        return UNDO + self.changes[-2][1] if len(self.changes) > 1 else None

    def add(self, stamp: int, text: str) -> None:
        """Add a message; `stamp` in ns."""
        label = text.strip()
        if label.startswith(UNDO):
            label = label.removeprefix(UNDO).strip()
            if self.changes:
                stamp, _ = self.changes.pop()
        if label != self.label or not self.changes:
            self.changes.append((stamp, label))


def intervals_of(messages: Iterable[tuple[int, str]], end: int) -> list[Interval]:
    """Return the intervals of label messages, see :class:`LabelTrack`.

    :param messages: stamp (ns) and text of each label message, in order of time.
    :param end: stamp (ns) at which the last label ends.
    """
    track = LabelTrack()
    for stamp, text in messages:
        track.add(stamp, text)
    return [
        Interval(label, start, stop)
        for (start, label), (stop, _) in pairwise([*track.changes, (end, '')])
        if label and start < stop
    ]


def interval_at(intervals: Sequence[Interval], start: int, end: int) -> Interval | None:
    """Return the interval that contains the whole window, None if there is none.

    :param intervals: in order of time, not overlapping.
    :param start: stamp of the window's first sample, ns.
    :param end: stamp of the window's last sample, ns.
    """
    index = bisect_right(intervals, start, key=lambda interval: interval.start) - 1
    if index >= 0 and end < intervals[index].end:
        return intervals[index]
    return None


def overlay(below: Sequence[Interval], rows: Sequence[Interval]) -> list[Interval]:
    """Return intervals after rows have overwritten the parts that they overlap.

    A row is joined with an adjacent remaining part of the same label and group. Rows are not
    joined with each other.

    :param below: in order of time, not overlapping.
    :param rows: likewise; here an empty label erases.
    """
    pieces = [(piece, False) for interval in below for piece in _uncovered(interval, rows)]
    pieces += [(row, True) for row in rows if row.label]
    pieces.sort(key=lambda item: item[0].start)
    result: list[Interval] = []
    previous_is_row = False
    for piece, is_row in pieces:
        if result and is_row != previous_is_row:
            longer = replace(result[-1], end=piece.end)
            if replace(piece, start=longer.start) == longer and result[-1].end == piece.start:
                piece = longer
                result.pop()
        result.append(piece)
        previous_is_row = is_row
    return result


def _uncovered(interval: Interval, rows: Sequence[Interval]) -> Iterator[Interval]:
    """Yield the parts of an interval that no row overlaps."""
    start = interval.start
    for row in rows:
        if row.start < interval.end and row.end > start:
            if row.start > start:
                yield replace(interval, start=start, end=row.start)
            start = row.end
    if start < interval.end:
        yield replace(interval, start=start)
