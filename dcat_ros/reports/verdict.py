# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Whether a bag is fit for training, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dcat_ros.pages.text import counted, listed, seconds
from dcat_ros.reports.report import Report
from dcat_ros.reports.rules import bag_remarks, Remark, topic_remarks


@dataclass(frozen=True)
class Verdict:
    """The verdict on one bag.

    :param line: the verdict in one line.
    :param findings: the reasons why the bag is unfit.
    :param notes: further remarks.
    """

    line: str
    findings: Sequence[Remark]
    notes: Sequence[Remark]

    @property
    def fit(self) -> bool:
        """Whether a classifier can be trained on this bag as it is."""
        return not self.findings

    @property
    def grade(self) -> str:
        """`fit`, `partly` when the bag has a lesser use, or `unfit`."""
        if self.fit:
            return 'fit'
        return 'partly' if _lesser_use(self.findings) else 'unfit'


def judge(report: Report) -> Verdict:
    """Return the verdict on a bag."""
    remarks = list(bag_remarks(report))
    for topic in report.topics:
        remarks += topic_remarks(topic, report)
    findings = [remark for remark in remarks if remark.serious]
    notes = [remark for remark in remarks if not remark.serious]
    return Verdict(_line(report, findings, notes), findings, notes)


def _lesser_use(findings: Sequence[Remark]) -> str:
    """Return the use that every finding leaves, empty where there is none."""
    uses = {finding.leaves for finding in findings}
    return uses.pop() if len(uses) == 1 else ''


def _line(report: Report, findings: Sequence[Remark], notes: Sequence[Remark]) -> str:
    if not findings:
        kinds = dict.fromkeys(
            f'{topic.sensor} ({topic.modality})' if topic.has_named_sensor else topic.sensor
            for topic in report.sensors
        )
        line = (
            f'fit for training: {listed(list(kinds))}, {seconds(report.labelled)} labelled with '
            f'{counted(len(report.activities), "activity")}'
        )
        return '; but '.join([line, *(note.what for note in notes if note.mentioned)])
    reasons = '; '.join(finding.what for finding in findings)
    use = _lesser_use(findings)
    return f'fit {use}: {reasons}' if use else f'not fit for training: {reasons}'
