# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The report as JSON.

Times are seconds; stamps are bag times in ns since 1970, as integers; null is what nobody knows.

`bag`, `start`, `duration`, `bytes`, `messages`, `recorded` (subject, session, ... as in the bag);
`verdict`: `fit`, `grade` (`fit`, `partly`, `unfit`), `line`, and the sentences of `findings`,
which make a bag unfit, and of `notes`;
`topics`: by name, the entries of :class:`dcat_ros.reports.topic.Topic`; `rates` in Hz, one for
each `rate_bin` s from the start; `gaps`: `count`, `total` and `longest`, a list of
`start` and `length`, at most `limits.LISTED_GAPS`;
`offsets`: of each two sensors, see :class:`dcat_ros.reports.sensor_pairs.SensorPair`, with
`clock` as in :class:`dcat_ros.reports.clock_offset.ClockOffset`;
`pairing`: what the recorder's message_filters saw, as it wrote it;
`labels`: `fault`, `activities` and `intervals`;
`thumbnails`: by camera, how many are `shown`, `undecodable` and `left_out`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.reports import limits
from dcat_ros.reports.report import Report
from dcat_ros.reports.topic import Topic
from dcat_ros.reports.verdict import Verdict
import numpy as np

RECORDED = ('subject', 'session', 'location', 'notes', 'source', 'ended')


def document(report: Report, verdict: Verdict) -> dict[str, Any]:
    """Return the report, fit for JSON."""
    return {
        'bag': report.name,
        'start': report.start,
        'duration': report.duration,
        'bytes': report.size,
        'messages': report.messages,
        'recorded': {key: getattr(report.recorded, key) for key in RECORDED},
        'verdict': {
            'fit': verdict.fit,
            'grade': verdict.grade,
            'line': verdict.line,
            'findings': [str(finding) for finding in verdict.findings],
            'notes': [str(note) for note in verdict.notes],
        },
        'rate_bin': report.rate_bin,
        'topics': {topic.name: _topic(topic, report.start) for topic in report.topics},
        'offsets': [
            {**asdict(pair), 'edges': pair.edges.tolist(), 'counts': pair.counts.tolist()}
            for pair in report.pairs
        ],
        'pairing': list(report.recorded.pairing),
        'labels': {
            'fault': report.label_fault,
            'activities': {each.label: asdict(each) for each in report.activities},
            'intervals': [asdict(interval) for interval in report.intervals],
        },
        'thumbnails': {
            strip.topic: {
                'shown': len(strip.shown),
                'undecodable': strip.undecodable,
                'reason': strip.reason,
                'left_out': strip.left_out,
            }
            for strip in report.strips
        },
    }


def _topic(topic: Topic, start: int) -> dict[str, Any]:
    lengths = np.diff(topic.gaps)[:, 0]
    longest = np.sort(np.argsort(-lengths, kind='stable')[:limits.LISTED_GAPS])
    return asdict(topic) | {
        'rate': topic.rate,
        'rates': [round(rate, 3) for rate in topic.rates.tolist()],
        'gaps': {
            'count': len(topic.gaps),
            'total': topic.gap_seconds,
            'longest': [
                {
                    'start': start + int(topic.gaps[number, 0]),
                    'length': int(lengths[number]) / NANOSECONDS,
                }
                for number in longest
            ],
        },
    }
