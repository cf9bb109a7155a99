# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The rules for a bag as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from dcat_ros.reports import limits
from dcat_ros.reports.remark import Remark
from dcat_ros.reports.report import Report
from dcat_ros.reports.wording import percent, seconds

PAIRS = 'as unlabelled pairs only'
BESIDE = 'only beside bags with other activities'


def remarks(report: Report) -> Iterator[Remark]:
    """Yield what is to be said about a bag."""
    yield from _content(report)
    yield from _recorder(report)
    yield from _subject(report)
    yield from _labels(report)


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
            'what came until then is whole; record the rest in another session',
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
            'training must not test on whom it trained on; name the person under custom_data in '
            'metadata.yaml, as subject',
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
