# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Labelled stretches of a bag."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

UNDO = '\b'
"""Begins the text that takes the last change of label back.

After it comes the label that runs on instead, empty for none, so that who began to listen after
that change understands the message too.
"""


@dataclass(frozen=True)
class Interval:
    """One stretch of time with one activity: `start <= stamp < end`.

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
    """Folds label messages, in order of time, into the changes of label that they make.

    A text holds from its stamp until another one or the empty one; a repeated text changes
    nothing, nor do blanks around it. `UNDO` before a text takes the last change back: it never
    happened, and the label named after `UNDO` has been running instead.

    `changes` holds stamp (ns) and label of each change that stands; the first is what was heard
    first, a label or none.
    """

    def __init__(self) -> None:
        self.changes: list[tuple[int, str]] = []

    @property
    def label(self) -> str:
        """Return the running label, empty when there is none."""
        return self.changes[-1][1] if self.changes else ''

    @property
    def since(self) -> int | None:
        """Stamp (ns) from which `label` runs, None before the first message."""
        return self.changes[-1][0] if self.changes else None

    @property
    def undo(self) -> str | None:
        """Return the text that takes the last change back, None when there is none."""
        return UNDO + self.changes[-2][1] if len(self.changes) > 1 else None

    def take(self, stamp: int, text: str) -> None:
        """Fold in one message; `stamp` in ns."""
        label = text.strip()
        if label.startswith(UNDO):
            label = label.removeprefix(UNDO).strip()
            if self.changes:
                stamp, _ = self.changes.pop()
        if label != self.label or not self.changes:
            self.changes.append((stamp, label))


def intervals_of(messages: Iterable[tuple[int, str]], end: int) -> list[Interval]:
    """Turn label messages into intervals, as `LabelTrack` understands them.

    :param messages: stamp (ns) and text of each label message, in order of time.
    :param end: the stamp (ns) at which a label still in force at the bag's end stops.
    """
    track = LabelTrack()
    for stamp, text in messages:
        track.take(stamp, text)
    return [
        Interval(label, start, stop)
        for (start, label), (stop, _) in pairwise([*track.changes, (end, '')])
        if label and start < stop
    ]


def with_groups(intervals: Sequence[Interval], groups: Sequence[str]) -> list[Interval]:
    """Attach one group to each interval.

    :raises ValueError: when the numbers differ.
    """
    if len(intervals) != len(groups):
        raise ValueError(f'{len(groups)} clip_groups for {len(intervals)} labelled intervals')
    pairs = zip(intervals, groups, strict=True)
    return [replace(interval, group=group) for interval, group in pairs]


def interval_at(intervals: Sequence[Interval], start: int, end: int) -> Interval | None:
    """Return the interval that holds the whole window, None where there is none.

    :param intervals: in order of time, not overlapping.
    :param start: stamp of the window's first sample, ns.
    :param end: stamp of the window's last sample, ns.
    """
    index = bisect_right(intervals, start, key=lambda interval: interval.start) - 1
    if index >= 0 and end < intervals[index].end:
        return intervals[index]
    return None


def overlay(below: Sequence[Interval], rows: Sequence[Interval]) -> list[Interval]:
    """Return what holds when rows overwrite all that they overlap.

    A row joins what is left beside it of the same label and group; rows stay apart from each other
    as they were written.

    :param below: in order of time, not overlapping.
    :param rows: the same; here an empty label erases.
    """
    pieces = [(piece, False) for each in below for piece in _uncovered(each, rows)]
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
    """Yield the parts of an interval that no row covers."""
    start = interval.start
    for row in rows:
        if row.start < interval.end and row.end > start:
            if row.start > start:
                yield replace(interval, start=start, end=row.start)
            start = row.end
    if start < interval.end:
        yield replace(interval, start=start)
