# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Read a bag once, message by message, and draw up its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dcat_ros.bags.labels import Interval
from dcat_ros.bags.metadata import bag_files
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.types import typestore
from dcat_ros.modalities import MODALITIES
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.reports.log import TopicLog
from dcat_ros.reports.offsets import pairs
from dcat_ros.reports.probe import unreadable
from dcat_ros.reports.recorded import Recorded
from dcat_ros.reports.report import Report
from dcat_ros.reports.steps import spans_of
from dcat_ros.reports.thumbnails import moments, strip
from dcat_ros.reports.topic import describe, Span, Topic

STEP = NANOSECONDS  # of bag time between two calls of `advance`


def gather(bag: Path, advance: Callable[[float], None] = lambda seconds: None) -> Report:
    """Draw up the report of a bag, whatever wrote it.

    Of the messages only stamps are kept, 16 bytes each.

    :param advance: called now and then with the seconds of bag time read since the last call.
    :raises BagError: if the bag is missing or damaged.
    """
    with BagReader(bag) as reader:
        recorded = Recorded.of(reader.custom)
        intervals, fault = _labels(reader)
        logs = _read(reader, advance)
        for name in recorded.topics:
            logs.setdefault(name, TopicLog(name))
        start, end = (reader.start, reader.end) if reader.message_count else (0, 0)
        span = _span(start, end, intervals, recorded.is_of_clips)
        topics = [describe(log, span, recorded.topics.get(name, {})) for name, log in logs.items()]
        topics.sort(key=_rank)
        cameras = [each.name for each in topics if each.sensor == 'camera' and each.first]
        return Report(
            name=bag.resolve().name,
            start=start,
            duration=max(end - start - 1, 0) / NANOSECONDS,
            size=sum(path.stat().st_size for path in bag_files(bag)),
            recorded=recorded,
            topics=topics,
            pairs=pairs({each.name: logs[each.name].distinct for each in topics if each.sensor}),
            intervals=intervals,
            label_fault=fault,
            strips=[strip(reader, name, moments(intervals, start, end)) for name in cameras],
            unreadable=unreadable(reader),
        )


def _read(reader: BagReader, advance: Callable[[float], None]) -> dict[str, TopicLog]:
    logs = {}
    for name, msgtype in reader.topics.items():
        fields = reader.fields(name) if msgtype in typestore().fielddefs else []
        logs[name] = TopicLog(name, msgtype, reader.has_header(name), fields)
    told = reader.start
    for name, raw, arrival in reader.raw():
        logs[name].add(raw, arrival)
        if arrival - told >= STEP:
            advance((arrival - told) / NANOSECONDS)
            told = arrival
    return logs


def _span(start: int, end: int, intervals: Sequence[Interval], is_of_clips: bool) -> Span:
    """Return what the report covers; nothing is expected between clips."""
    labelled = spans_of([(each.start - start, each.end - start) for each in intervals])
    whole = spans_of([(0, end - start)])
    return Span(start, end - start, labelled if is_of_clips and intervals else whole, labelled)


def _rank(topic: Topic) -> tuple[int, str]:
    """Order sensors before other topics, and each by name."""
    order = [*MODALITIES, topic.sensor]
    return (order.index(topic.sensor) if topic.sensor else len(order), topic.name)


def _labels(reader: BagReader) -> tuple[list[Interval], str]:
    try:
        return reader.labels(), ''
    except (BagError, ValueError) as error:
        return [], str(error)
