# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The rules for a bag and for each of its topics: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.pages.text import counted, percent, seconds
from dcat_ros.reports import limits
from dcat_ros.reports.report import Report
from dcat_ros.reports.topic import Topic


@dataclass(frozen=True)
class Remark:
    """One sentence about a bag, by a rule.

    :param what: the fact with its number.
    :param remedy: what to do about it, or what it means.
    :param serious: whether it makes the bag unfit for training.
    :param leaves: the lesser use that remains, as in `as unlabelled pairs only`.
    :param mentioned: whether the verdict on a bag that is fit names it.
    """

    what: str
    remedy: str
    serious: bool = True
    leaves: str = ''
    mentioned: bool = False

    def __str__(self) -> str:
        return f'{self.what}: {self.remedy}'


PAIRS = 'as unlabelled pairs only'
BESIDE = 'only beside bags with other activities'


def bag_remarks(report: Report) -> Iterator[Remark]:
    """Yield the remarks on a bag as a whole."""
    yield from _content(report)
    yield from _recorder(report)
    yield from _subject(report)
    yield from _labels(report)
    yield from _clocks(report)


def _content(report: Report) -> Iterator[Remark]:
    if not any(topic.written for topic in report.sensors):
        yield Remark(
            'no sensor was recorded',
            'an IMU, a camera or a microphone is needed; check the topic names',
        )


def _recorder(report: Report) -> Iterator[Remark]:
    recorded = report.recorded
    if recorded.ended not in ('', 'stopped'):
        yield Remark(
            f'the recording ended by itself ({recorded.ended})',
            'everything before that is complete; record the rest in another session',
            serious=False,
        )
    for key in recorded.faults:
        yield Remark(
            f'"{key}" in custom_data cannot be read',
            "the recorder's counts are unknown; restore metadata.yaml",
        )


def _subject(report: Report) -> Iterator[Remark]:
    grouped = bool(report.intervals) and all(each.group for each in report.intervals)
    if not (report.recorded.subject or grouped):
        yield Remark(
            'no subject',
            'training must not test on people that it trained on; name the person under '
            'custom_data in metadata.yaml, as subject',
        )


def _labels(report: Report) -> Iterator[Remark]:
    if report.label_fault:
        yield Remark('the labels cannot be read', report.label_fault)
        return
    activities = report.activities
    sending = [topic for topic in report.sensors if topic.written]
    if not activities:
        yield Remark(
            'no labels', 'label the bag with `dcat annotate`',
            leaves=PAIRS if len(sending) > 1 else '',
        )
    elif len(activities) < limits.ACTIVITIES:
        yield Remark(
            f'the only activity is {activities[0].label}',
            f'a classifier needs {limits.ACTIVITIES} or more',
            leaves=BESIDE,
        )
    elif report.labelled < limits.LABELLED_SHARE * report.duration and not (
        report.recorded.is_of_clips
    ):
        yield Remark(
            f'{seconds(report.labelled)} of {seconds(report.duration)} have a label '
            f'({percent(report.labelled / report.duration)})',
            'the rest counts only as unlabelled pairs; `dcat annotate` adds labels',
            serious=False,
        )
    for each in (each for each in activities if each.longest < limits.WINDOW):
        yield Remark(
            f'no stretch of {each.label} lasts {seconds(limits.WINDOW)} '
            f'(longest {seconds(each.longest)})',
            'the shipped recipes cut windows of that length',
            serious=False,
        )


def _clocks(report: Report) -> Iterator[Remark]:
    for pair in report.pairs:
        clock = pair.clock
        if clock is None or clock.seconds is None or abs(clock.seconds) <= limits.CLOCK_OFFSET:
            continue
        way = 'ahead of' if clock.seconds > 0 else 'behind'
        offset = f'{clock.seconds:.2f}'
        yield Remark(
            f'the clock of {clock.sensor} is {abs(1000 * clock.seconds):.0f} ms {way} that of '
            f'{clock.other}',
            'their windows of the same time do not show the same movement; correct it by '
            f'`--clock-offset {clock.sensor}={offset}` in training, or by `sensor: '
            f'{{clock_offset: {offset}}}` in the recipe of {clock.sensor}',
            serious=False,
            mentioned=True,
        )


def topic_remarks(topic: Topic, report: Report) -> Iterator[Remark]:
    """Yield the remarks on a topic of a bag."""
    yield from _counts(topic)
    yield from _topic_content(topic, report)
    if topic.sensor and topic.first is not None:
        yield from _stamps(topic)
        yield from _order(topic)
        yield from _gaps(topic, report)


def _counts(topic: Topic) -> Iterator[Remark]:
    name, serious = topic.title, bool(topic.sensor)
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


def _topic_content(topic: Topic, report: Report) -> Iterator[Remark]:
    name = topic.title
    if topic.malformed:
        yield Remark(
            f'{name} has {counted(topic.malformed, "malformed message")}',
            f'the bytes are no {topic.msgtype}; look for a faulty driver or disk',
        )
    if topic.name in report.unreadable and not topic.unstamped:
        yield Remark(f'training cannot read {name}', report.unreadable[topic.name])
    elif topic.name in report.implausible:
        what, _, remedy = report.implausible[topic.name].partition(': ')
        yield Remark(f'{name}: {what}', remedy)
    for strip in report.strips:
        if strip.topic == topic.name and strip.undecodable and not topic.unstamped:
            tried = len(strip.shown) + strip.undecodable
            yield Remark(
                f'{strip.undecodable} of {counted(tried, "image")} tried on {name} cannot be '
                'decoded',
                strip.reason,
            )


def _stamps(topic: Topic) -> Iterator[Remark]:
    name = topic.title
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
    name = topic.title
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
    name = topic.title
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
