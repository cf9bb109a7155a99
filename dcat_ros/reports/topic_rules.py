# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The rules for one topic."""

from __future__ import annotations

from collections.abc import Iterator

from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.reports import limits
from dcat_ros.reports.remark import Remark
from dcat_ros.reports.report import Report
from dcat_ros.reports.topic import Topic
from dcat_ros.reports.wording import counted, percent, seconds


def remarks(topic: Topic, report: Report) -> Iterator[Remark]:
    """Yield what is to be said about a topic of a bag."""
    yield from _counts(topic)
    yield from _content(topic, report)
    if topic.sensor and topic.first is not None:
        yield from _stamps(topic)
        yield from _order(topic)
        yield from _gaps(topic, report)


def _counts(topic: Topic) -> Iterator[Remark]:
    name, serious = topic.name, bool(topic.sensor)
    if not topic.written and (topic.sensor or topic.received):
        yield Remark(
            f'{name} has no message', 'check the sensor, its driver and the topic name', serious
        )
    if topic.dropped:
        yield Remark(
            f'{name} lost {counted(topic.dropped, "message")} '
            f'({percent(topic.dropped / max(topic.received or 0, topic.dropped))})',
            'they came faster than the disk could write; record less, or to a faster disk',
            serious,
        )
    if topic.claimed is not None and topic.claimed != topic.written:
        yield Remark(
            f'{name} has {counted(topic.written, "message")}, but {topic.claimed:,} were recorded',
            'files are missing or damaged; copy the bag again or try `dcat recover`',
        )


def _content(topic: Topic, report: Report) -> Iterator[Remark]:
    name = topic.name
    if topic.malformed:
        yield Remark(
            f'{name} has {counted(topic.malformed, "malformed message")}',
            f'the bytes are no {topic.msgtype}; look for a faulty driver or disk',
        )
    if name in report.unreadable and not topic.unstamped:
        yield Remark(f'training cannot read {name}', report.unreadable[name])
    for strip in report.strips:
        if strip.topic == name and strip.undecodable and not topic.unstamped:
            tried = len(strip.shown) + strip.undecodable
            yield Remark(
                f'{strip.undecodable} of {counted(tried, "image")} tried on {name} cannot be '
                'decoded',
                strip.reason,
            )


def _stamps(topic: Topic) -> Iterator[Remark]:
    name = topic.name
    if topic.stamped_by == 'arrival':
        yield Remark(
            f'{name} has no stamps of its own ({topic.msgtype})',
            'training needs stamped messages; let the driver publish a type with a header',
        )
    elif topic.unstamped:
        yield Remark(
            f'{name} has {counted(topic.unstamped, "message")} with a stamp of 0',
            'let the driver stamp its messages',
        )
    if topic.age_median is not None and topic.age_worst is not None and topic.aged:
        way = 'before its arrival' if topic.age_worst > 0 else 'after its arrival'
        yield Remark(
            f'{name} has stamps up to {seconds(abs(topic.age_worst))} {way} '
            f'({percent(topic.aged)} by more than {seconds(limits.AGE)}, '
            f'median {seconds(topic.age_median)})',
            "labels go by arrival and would fall on other samples; set the sensor's clock by the "
            "recorder's, or shorten its way",
            topic.aged > limits.AGE_SHARE,
        )


def _order(topic: Topic) -> Iterator[Remark]:
    name = topic.name
    if topic.jumps_back:
        yield Remark(
            f'{name} has stamps that jump back {_times(topic.jumps_back)}',
            'two publishers on one topic, a looped replay, or a clock set during the recording',
        )
    kinds = ((topic.out_of_order, 'out of order'), (topic.repeated, 'that repeat one before'))
    for count, kind in kinds:
        if count:
            yield Remark(
                f'{name} has {counted(count, "stamp")} {kind} ({percent(count / topic.written)})',
                'training leaves these messages out',
                count > limits.DISORDER_SHARE * topic.written,
            )


def _gaps(topic: Topic, report: Report) -> Iterator[Remark]:
    name = topic.name
    last = topic.last if topic.last is not None else report.start
    silent = report.duration - (last - report.start) / NANOSECONDS
    if silent > max(limits.SILENT_END, limits.GAP_PERIODS * (topic.period or 0.0)):
        yield Remark(
            f'{name} is silent for the last {seconds(silent)}',
            'check its power and cable; cut the labels there with `dcat annotate`',
        )
        if len(topic.gaps) == 1:
            return
    if not len(topic.gaps):
        return
    time = 'labelled time' if report.intervals else 'time'
    total = f'{name} has {counted(len(topic.gaps), "gap")}, {seconds(topic.gap_seconds)} in all'
    yield Remark(
        f'{total}, which cover {percent(topic.gap_share)} of the {time}',
        'no window spans them; look for a loose cable, a busy computer or a full network',
        topic.gap_share > limits.GAP_SHARE,
    )


def _times(count: int) -> str:
    return 'once' if count == 1 else f'{count:,} times'
