# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The journey as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
import os.path
from pathlib import Path
from typing import Any

from dcat_ros.demo import figures
from dcat_ros.reports import html
from dcat_ros.reports.svg import inline
from dcat_ros.reports.wording import seconds

Facts = dict[str, Any]


def page(kept: Mapping[str, Facts], folder: Path) -> str:
    """Return the page; it is well-formed XML too.

    :param kept: what each step that was run has left.
    :param folder: where the page lies; links are relative to it.
    """
    sections = [
        '<h1>dcat_ros: from two recordings to a robot that knows what people do</h1>',
        '<p class="verdict partly">All persons and sensors here are simulated, two were recorded '
        'for less than a minute each: this page shows how things go together, and no accuracy. '
        'What the method does on real people is in <code>bench/results</code>.</p>',
    ]
    for step, draw in DRAWN.items():
        if step in kept:
            sections += draw(kept[step], folder)
    return html.document('dcat_ros demo', sections)


def _report(facts: Facts, folder: Path) -> Iterator[str]:
    yield '<h2>What was recorded</h2>'
    yield html.table(
        ('session', 'duration', 'rates', 'verdict'),
        (
            [
                (_link(bag['name'], bag['report'], folder), False),
                (seconds(bag['duration']), False),
                (_rates(bag['rates']), False),
                (escape(bag['verdict']), False),
            ]
            for bag in facts['bags']
        ),
    )


def _train(facts: Facts, folder: Path) -> Iterator[str]:
    yield html.picture(
        'Did the transfer help?', inline(figures.scores(facts), 'scores', 'macro-F1 of each row'),
        f'Trained on one person, tested on the other, one seed. <b>{escape(facts["method"])}</b> '
        f'is the IMU taught by the {escape(facts["source"])}, unimodal the IMU alone, and '
        f'{escape(facts["method"])}_shuffled the control, whose lessons are shuffled. '
        + _link('The whole report', facts['report'], folder),
    )
    yield f'<p>{escape(facts["finding"])}</p>'


def _deploy(facts: Facts, folder: Path) -> Iterator[str]:
    yield '<h2>Deployed while running</h2>'
    yield (
        f'<p>{_link("The bundle", facts["bundle"], folder)} took over at a running node, which '
        f'confirmed it; the longest time between two answers around the swap was '
        f'{escape(seconds(facts["gap"]))}.</p>'
    )


def _infer(facts: Facts, folder: Path) -> Iterator[str]:
    yield html.picture(
        'A new person, seen by the IMU alone',
        inline(figures.timeline(facts), 'infer', 'answers and speed over time'),
        'Grey: what the person does. Dots: what is answered, by sensor. Below: how fast the robot '
        'may go.',
    )
    yield html.table(
        ('windows with one activity', 'right', 'unknown', 'latency p50', 'latency p99'),
        [[(text, False) for text in (
            str(facts['whole']), f'{facts["right"]:.0%}', f'{facts["unknown"]:.0%}',
            *(escape(seconds(facts[name])) for name in ('latency_p50', 'latency_p99')),
        )]],
    )


def _fail_over(facts: Facts, folder: Path) -> Iterator[str]:
    yield html.picture(
        'Sensors die and come back',
        inline(figures.timeline(facts), 'fail_over', 'answers, speed and events over time'),
        'Lines: sensors that die or come back, and when another one has taken over.',
    )
    rows = [[(f'{at:.1f} s', False), (escape(event), False)] for at, event in facts['events']]
    yield html.table(('at', 'event'), rows)


def _rates(rates: Mapping[str, float]) -> str:
    steady = [f'{escape(topic)} {rate:.0f} Hz' for topic, rate in rates.items() if rate]
    return '<br/>'.join(steady)


def _link(text: str, target: str, folder: Path) -> str:
    path = os.path.relpath(target, folder)
    return f'<a href="{escape(path)}">{escape(text)}</a>'


DRAWN = {
    'report': _report, 'train': _train, 'deploy': _deploy, 'infer': _infer, 'fail_over': _fail_over
}
