"""Labelled stretches of a bag."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


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


def intervals_of(messages: Iterable[tuple[int, str]], end: int) -> list[Interval]:
    """Turn label messages into intervals.

    A text holds from its stamp until another text or the empty one; a repeated text changes
    nothing.

    :param messages: stamp (ns) and text of each label message, in order of time.
    :param end: the stamp (ns) at which a label still in force at the bag's end stops.
    """
    intervals = []
    label, start = '', 0
    for stamp, text in (*messages, (end, '')):
        if text == label:
            continue
        if label and stamp > start:
            intervals.append(Interval(label, start, stamp))
        label, start = text, stamp
    return intervals


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
