# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The report as one HTML page that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from html import escape

from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.reports import figures, html
from dcat_ros.reports.cells import cells, UNKNOWN
from dcat_ros.reports.remark import Remark
from dcat_ros.reports.report import Report
from dcat_ros.reports.svg import inline
from dcat_ros.reports.thumbnails import Strip
from dcat_ros.reports.verdict import Verdict
from dcat_ros.reports.wording import counted, seconds, size


def page(report: Report, verdict: Verdict) -> str:
    """Return the page; it is well-formed XML too."""
    sections = [
        _head(report, verdict),
        _notes(verdict),
        _topics(report),
        _rates(report),
        _offsets(report),
        _labels(report),
        *(_frames(report, strip) for strip in report.strips),
    ]
    return html.document(report.name, sections)


def _head(report: Report, verdict: Verdict) -> str:
    recorded = report.recorded
    begun = datetime.fromtimestamp(report.start // NANOSECONDS, timezone.utc)
    facts = {
        'start': f'{begun:%Y-%m-%d %H:%M:%S} UTC',
        'duration': seconds(report.duration),
        'messages': f'{report.messages:,}',
        'size': size(report.size),
        'subject': recorded.subject,
        'session': recorded.session,
        'location': recorded.location,
        'source': recorded.source,
        'notes': recorded.notes,
    }
    items = ''.join(
        f'<div class="{"wide" if key == "notes" else "fact"}">'
        f'<dt>{key}</dt><dd>{escape(value)}</dd></div>'
        for key, value in facts.items() if value
    )
    claim, _, why = verdict.line.partition(': ')
    reasons = _list(verdict.findings) if verdict.findings else f'<br/>{escape(why)}'
    return (
        f'<h1>{escape(report.name)}</h1>\n'
        f'<div class="verdict {verdict.grade}"><b>{escape(claim)}</b>{reasons}</div>\n'
        f'<dl>{items}</dl>'
    )


def _notes(verdict: Verdict) -> str:
    return f'<h2>Worth knowing</h2>\n{_list(verdict.notes)}' if verdict.notes else ''


def _list(remarks: Sequence[Remark]) -> str:
    items = ''.join(
        f'<li>{escape(remark.what)}<span class="remedy">: {escape(remark.remedy)}</span></li>\n'
        for remark in remarks
    )
    return f'<ul>{items}</ul>'


def _topics(report: Report) -> str:
    if not report.topics:
        return ''
    rows = []
    for topic in report.topics:
        by = 'stamped by arrival' if topic.stamped_by == 'arrival' and topic.sensor else ''
        detail = ', '.join(filter(None, (topic.msgtype, by)))
        name = f'{escape(topic.name)}<small>{escape(detail)}</small>'
        rows.append([(name, False), *((escape(text), alarm)
                                      for text, alarm in cells(topic).values())])
    return '<h2>Topics</h2>\n' + html.table(['topic', *cells(report.topics[0])], rows) + (
        '<p class="hint">Received and dropped are the recorder’s counts. Hz is the median rate by '
        'stamps. Disorder: stamps that repeat or fall behind earlier ones. Gaps: more than three '
        'periods and 0.1 s without a message. Missing is estimated from the stamps. Age: from '
        'stamp to arrival. Jitter: 95 % of the periods differ by no more.</p>'
    )


def _rates(report: Report) -> str:
    if not any(topic.first is not None for topic in report.topics):
        return ''
    return html.picture(
        'Rate and gaps', inline(figures.rates(report), 'rates', 'rate of each topic over time'),
        f'Messages per second as they arrived, over {seconds(report.rate_bin)} each; gaps in red. '
        'Of topics without a steady rate, each message is a line.',
    )


def _offsets(report: Report) -> str:
    parts = []
    if report.pairs:
        parts.append(html.picture(
            'Offsets between sensors',
            inline(figures.offsets(report), 'offsets', 'histograms of offsets between sensors'),
            'From each message of the slower sensor to the nearest of the faster one, by their '
            'stamps.',
        ))
        parts.append(html.table(['offset', 'median', 'worst', 'beyond the histogram'], [
            [(escape(f'{pair.slower} to {pair.faster}'), False), (seconds(pair.median), False),
             (seconds(pair.worst), False), (f'{pair.beyond:,}', False)]
            for pair in report.pairs
        ]))
    if report.recorded.pairing:
        parts.append('<h3>As matched while recording</h3>')
        parts.append(html.table(
            ['offset', 'median', 'worst', 'matches', 'unmatched', 'slop', 'restarts'],
            [[(escape(text), False) for text in _live(entry)] for entry in report.recorded.pairing]
        ))
    return '\n'.join(parts)


def _live(entry: dict) -> Iterator[str]:
    first, second = entry['topics']
    yield f'{first} to {second}'
    for key in ('offset_median', 'offset_worst'):
        yield UNKNOWN if entry.get(key) is None else seconds(entry[key])
    yield f'{entry["matches"]:,}'
    yield ' + '.join(f'{entry["unmatched"].get(topic, 0):,}' for topic in (first, second))
    yield seconds(entry['slop'])
    yield f'{entry["restarts"]:,}'


def _labels(report: Report) -> str:
    if not report.activities:
        return ''
    rows = [
        [(f'<span class="key" style="background: {figures.colour_of(each.label)}"></span>'
          f'{escape(each.label)}', False), (f'{each.count}', False),
         *((seconds(value), False) for value in (each.total, each.shortest, each.longest))]
        for each in report.activities
    ]
    return html.picture(
        'Labels', inline(figures.labels(report), 'labels', 'labels over time'),
        f'{seconds(report.labelled)} of {seconds(report.duration)} have a label.',
    ) + html.table(['label', 'count', 'total', 'shortest', 'longest'], rows)


def _frames(report: Report, strip: Strip) -> str:
    frames = ''.join(
        f'<figure><img alt="{escape(each.label or "frame")}" '
        f'src="data:image/jpeg;base64,{b64encode(each.jpeg).decode()}"/>'
        f'<figcaption>{escape(each.label)} '
        f'<span>{seconds((each.stamp - report.start) / NANOSECONDS)}</span></figcaption></figure>'
        for each in strip.shown
    )
    hints = []
    if strip.left_out:
        hints.append(f'{counted(strip.left_out, "later label change")} not shown')
    if strip.undecodable:
        hints.append(f'{counted(strip.undecodable, "frame")} could not be decoded')
    hint = f'<p class="hint">{"; ".join(hints)}.</p>' if hints else ''
    when = 'at label changes' if report.intervals else 'over time'
    return f'<h2>{escape(strip.topic)} {when}</h2>\n<div class="frames">{frames}</div>\n{hint}'
