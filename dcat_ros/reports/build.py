# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Reads a bag once, message by message, and returns its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dcat_ros.bags.labels import Interval
from dcat_ros.bags.metadata import bag_files
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.types import typestore
from dcat_ros.bags.windows import topics_of
from dcat_ros.modalities import DecodeError, MODALITIES
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.reports.log import TopicLog
from dcat_ros.reports.movement import read_movements
from dcat_ros.reports.plausibility import implausible
from dcat_ros.reports.recorder_metadata import RecorderMetadata
from dcat_ros.reports.report import Report
from dcat_ros.reports.sensor_pairs import describe_pairs, with_clocks
from dcat_ros.reports.sensors import first_message, RecordedSensor, sensors_in
from dcat_ros.reports.stamp_statistics import spans_of
from dcat_ros.reports.thumbnails import intervals_to_show, read_strip
from dcat_ros.reports.topic import describe, Span, Topic

NO_INFO = (
    'the bag has no AudioInfo, so nobody knows how its sound is coded: record audio/audio_info too'
)


def unreadable(reader: BagReader) -> dict[str, str]:
    """Return for each sensor in the bag that training cannot read the reason, by topic.

    Judged by the first message. Cameras may be grey or depth as a recipe says: of those only the
    choice of the topic is judged here.
    """
    found = (_why_unreadable(reader, sensor) for sensor in sensors_in(reader))
    return dict(each for each in found if each is not None)


def _why_unreadable(reader: BagReader, sensor: RecordedSensor) -> tuple[str, str] | None:
    name, modality, present = sensor
    try:
        topic, *infos = topics_of(reader, modality, name)
        decoder = modality.decoder()
        for each in [*infos, topic] if modality.name != 'camera' else []:
            message = first_message(reader, each)
            if message is not None:
                decoder.decode(message)
    except BagError as error:
        return present[0], str(error).replace(str(reader.path), 'the bag', 1)
    except DecodeError as error:
        is_bare = modality.info and not infos and error.cause != 'malformed'
        return topic, NO_INFO if is_bare else str(error)
    return None


PROGRESS_STEP = NANOSECONDS  # of bag time between two calls of `advance`


def build_report(bag: Path, advance: Callable[[float], None] = lambda seconds: None) -> Report:
    """Return the report of a bag, whatever program wrote it.

    Only stamps stay in memory, 16 bytes for each message, and the movement of some minutes.

    :param advance: called regularly with the seconds of bag time read since the last call.
    :raises BagError: if the bag is missing or damaged.
    """
    with BagReader(bag) as reader:
        recorded = RecorderMetadata.from_custom_data(reader.custom)
        intervals, fault = _labels(reader)
        logs = _read_messages(reader, advance)
        for name in recorded.topics:
            logs.setdefault(name, TopicLog(name))
        start, end = (reader.start, reader.end) if reader.message_count else (0, 0)
        span = _span(start, end, intervals, recorded.is_of_clips)
        topics = [describe(log, span, recorded.topics.get(name, {})) for name, log in logs.items()]
        topics.sort(key=_sort_key)
        cameras = [topic.name for topic in topics if topic.modality == 'camera' and topic.first]
        sensors = [topic.name for topic in topics if topic.sensor]
        shown = intervals_to_show(intervals, start, end)
        pairs = describe_pairs({name: logs[name].distinct for name in sensors})
        return Report(
            name=bag.resolve().name,
            start=start,
            duration=max(end - start - 1, 0) / NANOSECONDS,
            size=sum(path.stat().st_size for path in bag_files(bag)),
            recorded=recorded,
            topics=topics,
            pairs=with_clocks(pairs, read_movements(reader, logs)) if pairs else [],
            intervals=intervals,
            label_fault=fault,
            strips=[read_strip(reader, name, shown) for name in cameras],
            unreadable=unreadable(reader),
            implausible=implausible(reader),
        )


def _read_messages(reader: BagReader, advance: Callable[[float], None]) -> dict[str, TopicLog]:
    logs = {}
    for name, msgtype in reader.topics.items():
        fields = reader.fields(name) if msgtype in typestore().fielddefs else []
        logs[name] = TopicLog(name, msgtype, reader.has_header(name), fields)
    reported = reader.start
    for name, raw, arrival in reader.raw():
        logs[name].add(raw, arrival)
        if arrival - reported >= PROGRESS_STEP:
            advance((arrival - reported) / NANOSECONDS)
            reported = arrival
    return logs


def _span(start: int, end: int, intervals: Sequence[Interval], is_of_clips: bool) -> Span:
    """Return what the report covers; nothing is expected between clips."""
    labelled = spans_of([(each.start - start, each.end - start) for each in intervals])
    whole = spans_of([(0, end - start)])
    return Span(start, end - start, labelled if is_of_clips and intervals else whole, labelled)


def _sort_key(topic: Topic) -> tuple[int, str]:
    """Order sensors by modality and before other topics, and each by the topic's name."""
    order = [*MODALITIES, topic.modality]
    return (order.index(topic.modality) if topic.sensor else len(order), topic.name)


def _labels(reader: BagReader) -> tuple[list[Interval], str]:
    try:
        return reader.labels(), ''
    except (BagError, ValueError) as error:
        return [], str(error)
