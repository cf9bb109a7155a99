# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The report as one self-contained HTML page: no script, no other file, no network."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timezone
from typing import Any

from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.pages import render
from dcat_ros.pages.svg import inline
from dcat_ros.pages.text import counted, seconds, size, UNKNOWN
from dcat_ros.reports import figures
from dcat_ros.reports.cells import cells, clock_cell
from dcat_ros.reports.report import Report
from dcat_ros.reports.thumbnails import Strip
from dcat_ros.reports.topic import Topic
from dcat_ros.reports.verdict import Verdict
from markupsafe import Markup


def page(report: Report, verdict: Verdict) -> str:
    """Return the page, which is well-formed XML too."""
    claim, _, reason = verdict.line.partition(': ')
    return render(
        'bag_report.html.j2',
        report=report,
        verdict=verdict,
        claim=claim,
        reason=reason,
        facts=_facts(report),
        topics=[_topic(topic) for topic in report.topics],
        figures=_figures(report),
        rate_bin=seconds(report.rate_bin),
        offsets=[
            (f'{pair.slower} to {pair.faster}', seconds(pair.median), seconds(pair.worst),
             f'{pair.beyond:,}', clock_cell(pair.clock).text)
            for pair in report.pairs
        ],
        pairings=[_pairing(entry) for entry in report.recorded.pairing],
        labelled=f'{seconds(report.labelled)} of {seconds(report.duration)} are labelled.',
        activities=[
            {
                'label': activity.label,
                'colour': figures.colour_of(activity.label),
                'count': activity.count,
                'total': seconds(activity.total),
                'shortest': seconds(activity.shortest),
                'longest': seconds(activity.longest),
            }
            for activity in report.activities
        ],
        strips=[_strip(report, strip) for strip in report.strips],
    )


def _facts(report: Report) -> dict[str, str]:
    start = datetime.fromtimestamp(report.start // NANOSECONDS, timezone.utc)
    recorded = report.recorded
    return {
        'start': f'{start:%Y-%m-%d %H:%M:%S} UTC',
        'duration': seconds(report.duration),
        'messages': f'{report.messages:,}',
        'size': size(report.size),
        'subject': recorded.subject,
        'session': recorded.session,
        'location': recorded.location,
        'source': recorded.source,
        'notes': recorded.notes,
    }


def _figures(report: Report) -> dict[str, Markup]:
    found = {}
    if any(topic.first is not None for topic in report.topics):
        found['rates'] = inline(figures.rates(report), 'rates', 'rate of each topic over time')
    if report.pairs:
        title = 'histograms of offsets between sensors'
        found['offsets'] = inline(figures.offsets(report), 'offsets', title)
    if report.activities:
        found['labels'] = inline(figures.labels(report), 'labels', 'labels over time')
    return {'rates': Markup(), 'offsets': Markup(), 'labels': Markup(), **found}


def _topic(topic: Topic) -> dict[str, Any]:
    by_arrival = topic.sensor and topic.stamped_by == 'arrival'
    detail = f'{topic.msgtype}, stamped by arrival' if by_arrival else topic.msgtype
    return {'name': topic.title, 'detail': detail, 'cells': cells(topic)}


def _pairing(entry: dict) -> list[str]:
    first, second = entry['topics']
    return [
        f'{first} to {second}',
        *(UNKNOWN if entry.get(key) is None else seconds(entry[key])
          for key in ('offset_median', 'offset_worst')),
        f'{entry["matches"]:,}',
        ' + '.join(f'{entry["unmatched"].get(topic, 0):,}' for topic in (first, second)),
        seconds(entry['slop']),
        f'{entry["restarts"]:,}',
    ]


def _strip(report: Report, strip: Strip) -> dict[str, Any]:
    title = next(topic.title for topic in report.topics if topic.name == strip.topic)
    hints = []
    if strip.left_out:
        hints.append(f'{counted(strip.left_out, "later label change")} not shown')
    if strip.undecodable:
        hints.append(f'{counted(strip.undecodable, "frame")} could not be decoded')
    return {
        'title': f'{title} {"at label changes" if report.intervals else "over time"}',
        'frames': [
            {
                'label': frame.label,
                'time': seconds((frame.stamp - report.start) / NANOSECONDS),
                'jpeg': b64encode(frame.jpeg).decode(),
            }
            for frame in strip.shown
        ],
        'hint': '; '.join(hints),
    }
