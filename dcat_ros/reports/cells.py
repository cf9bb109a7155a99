# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One topic's numbers as cells of a table."""

from __future__ import annotations

from typing import NamedTuple

from dcat_ros.pages.text import seconds, size, UNKNOWN
from dcat_ros.reports.clock_offset import ClockOffset
from dcat_ros.reports.topic import Topic


class Cell(NamedTuple):
    """A text, and whether it is an alarm."""

    text: str
    alarm: bool = False


def cells(topic: Topic) -> dict[str, Cell]:
    """Return the cells by the heading of their column."""
    short = topic.claimed is not None and topic.claimed != topic.written
    regular = topic.period is not None
    gaps = len(topic.gaps)
    disorder = topic.out_of_order + topic.repeated + topic.jumps_back
    return {
        'Hz': Cell(UNKNOWN if topic.rate is None else f'{topic.rate:.4g}'),
        'received': _number(topic.received),
        'written': Cell(f'{topic.written:,}', short or bool(topic.sensor and not topic.written)),
        'dropped': _number(topic.dropped, alarm=True),
        'malformed': _number(topic.malformed, alarm=True),
        'disorder': Cell(f'{disorder:,}', disorder > 0),
        'gaps': Cell(f'{gaps:,}' if regular or gaps else UNKNOWN, gaps > 0),
        'gap time': Cell(seconds(topic.gap_seconds) if gaps else UNKNOWN, gaps > 0),
        'missing': _number(topic.missing),
        'jitter': _time(topic.jitter),
        'median age': _time(topic.age_median),
        'worst age': Cell(_time(topic.age_worst).text, topic.aged > 0),
        'size': Cell(size(topic.bytes)),
    }


def clock_cell(clock: ClockOffset | None) -> Cell:
    """Return by how much the clock of the first sensor of a pair is ahead, where that is known."""
    return _time(clock.seconds if clock else None)


def _number(value: int | None, alarm: bool = False) -> Cell:
    return Cell(UNKNOWN if value is None else f'{value:,}', alarm and bool(value))


def _time(value: float | None) -> Cell:
    return Cell(UNKNOWN if value is None else seconds(value))
