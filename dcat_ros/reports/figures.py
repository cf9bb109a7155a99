# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The pictures of a report: rates with their gaps, labels over time, offsets."""

from __future__ import annotations

import colorsys
from zlib import crc32

from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.pages.text import counted, seconds
from dcat_ros.reports.report import Report
from dcat_ros.reports.sensor_pairs import SensorPair
from dcat_ros.reports.topic import Topic
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
import numpy as np

WIDTH = 8.4  # in, as are all lengths here
NAMES, RIGHT, AXIS = 1.95, 0.1, 0.42
SENSOR_ROW, OTHER_ROW, LANE = 0.62, 0.3, 0.2
LONGEST_NAME = 26
INK, FAINT, GRID, ALARM = '#24292f', '#6a737d', '#e3e6e9', '#cf2f2f'
COLOURS = {
    'imu': '#2b6cb0', 'camera': '#2f855a', 'audio': '#8e5aa8', 'skeleton': '#b7791f',
    '': '#6a737d',
}
UNITS = ((120.0, 1.0, 's'), (7200.0, 60.0, 'min'), (float('inf'), 3600.0, 'h'))
HUES = 24
NARROWEST = 0.002  # of the width, so that the shortest gap can be seen


def colour_of(label: str) -> str:
    """Return an activity's colour, the same in every report."""
    shade, hue = divmod(crc32(label.encode()) % (3 * HUES), HUES)
    colour = colorsys.hls_to_rgb(hue / HUES, (0.4, 0.52, 0.62)[shade], 0.5)
    return '#' + ''.join(f'{round(255 * part):02x}' for part in colour)


def rates(report: Report) -> Figure:
    """Draw each topic's rate over time, its gaps in red; of irregular topics each message."""
    topics = [topic for topic in report.topics if topic.first is not None]
    heights = [SENSOR_ROW if topic.period else OTHER_ROW for topic in topics]
    figure, rows = _rows(heights, report.duration)
    for axes, topic in zip(rows, topics, strict=True):
        _name(axes, topic.name, _facts(topic), bool(len(topic.gaps)))
        if topic.period:
            _rate(axes, topic, report)
        else:
            _events(axes, topic, report)
    return figure


def labels(report: Report) -> Figure:
    """Draw when each activity was labelled, a lane each."""
    activities = report.activities
    figure, lanes = _rows([LANE] * len(activities), report.duration)
    for axes, activity in zip(lanes, activities, strict=True):
        spans = [
            ((each.start - report.start) / NANOSECONDS, (each.end - each.start) / NANOSECONDS)
            for each in report.intervals if each.label == activity.label
        ]
        axes.broken_barh(spans, (0.12, 0.76), facecolors=colour_of(activity.label))
        axes.set_ylim(0, 1)
        axes.set_yticks([])
        _name(axes, activity.label, '', False)
    return figure


def offsets(report: Report) -> Figure:
    """Draw a histogram of the offsets of each two sensors."""
    columns, height, width = 3, 1.75, WIDTH / 3
    count = -(-len(report.pairs) // columns)
    figure = Figure(figsize=(WIDTH, height * count))
    for number, pair in enumerate(report.pairs):
        row, column = divmod(number, columns)
        left, bottom = column * width + 0.42, (count - row - 1) * height + AXIS
        axes = figure.add_axes((
            left / WIDTH, bottom / (height * count),
            (width - 0.55) / WIDTH, (height - AXIS - 0.42) / (height * count),
        ))
        _histogram(axes, pair)
    return figure


def _rows(heights: list[float], duration: float) -> tuple[Figure, list[Axes]]:
    """Return a figure of rows, one below the other, that share the axis of time."""
    total = sum(heights) + AXIS + 0.08
    figure = Figure(figsize=(WIDTH, total))
    scale, unit = next((scale, unit) for most, scale, unit in UNITS if duration <= most)
    rows: list[Axes] = []
    top = total - 0.08
    for height in heights:
        top -= height
        axes = figure.add_axes((
            NAMES / WIDTH, top / total, (WIDTH - NAMES - RIGHT) / WIDTH, 0.86 * height / total
        ))
        axes.set_xlim(0, max(duration, 1e-3))
        axes.spines[['top', 'right', 'left']].set_visible(False)
        axes.spines['bottom'].set_color(GRID)
        axes.tick_params(length=0, labelsize=7, colors=FAINT, labelbottom=False)
        ticks = MaxNLocator(8, steps=[1, 2, 3, 5, 10]).tick_values(0, duration / scale)
        axes.set_xticks([scale * tick for tick in ticks if scale * tick <= duration],
                        [f'{tick:g}' for tick in ticks if scale * tick <= duration])
        axes.grid(axis='x', color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        rows.append(axes)
    if rows:
        rows[-1].tick_params(labelbottom=True)
        rows[-1].set_xlabel(f'time since the start ({unit})', fontsize=7.5, color=FAINT)
    return figure, rows


def _name(axes: Axes, name: str, facts: str, alarm: bool) -> None:
    """Write what a row shows to its left."""
    if len(name) > LONGEST_NAME:
        name = f'{name[:8]}…{name[9 - LONGEST_NAME:]}'
    left = -NAMES / (WIDTH - NAMES - RIGHT)
    axes.text(left, 0.72 if facts else 0.5, name, transform=axes.transAxes, va='center',
              fontsize=8, color=INK, parse_math=False)
    axes.text(left, 0.32, facts, transform=axes.transAxes, va='center', fontsize=7,
              color=ALARM if alarm else FAINT)


def _facts(topic: Topic) -> str:
    if topic.rate is None:
        return ''
    gaps = f', {counted(len(topic.gaps), "gap")} ({seconds(topic.gap_seconds)})'
    return f'{topic.rate:.4g} Hz' + gaps * bool(len(topic.gaps))


def _rate(axes: Axes, topic: Topic, report: Report) -> None:
    edges = np.linspace(0.0, report.duration, len(topic.rates) + 1)
    colour = COLOURS.get(topic.modality, FAINT)
    axes.stairs(topic.rates, edges, fill=True, color=colour, alpha=0.18, linewidth=0)
    axes.stairs(topic.rates, edges, color=colour, linewidth=1.0, baseline=None)
    most = max(float(topic.rates.max()), topic.rate or 0.0)
    axes.set_ylim(0, 1.18 * most)
    axes.set_yticks([0, topic.rate or 0.0], ['0', f'{topic.rate:.3g}'])
    axes.axhline(topic.rate or 0.0, color=GRID, linewidth=0.6, zorder=0)
    least = NARROWEST * report.duration
    end = -1.0
    for start, stop in topic.gaps / NANOSECONDS:
        if stop - end < least:
            continue
        end = max(stop, start + least)
        axes.axvspan(start, end, color=ALARM, alpha=0.55, linewidth=0)


def _events(axes: Axes, topic: Topic, report: Report) -> None:
    edges = np.linspace(0.0, report.duration, len(topic.rates) + 1)
    seen = np.flatnonzero(topic.rates)
    axes.vlines(edges[seen], 0.15, 0.85, color=COLOURS[''], linewidth=1.0)
    axes.set_ylim(0, 1)
    axes.set_yticks([])


def _histogram(axes: Axes, pair: SensorPair) -> None:
    axes.stairs(pair.counts, 1000 * pair.edges, fill=True, color=COLOURS['imu'], alpha=0.75)
    axes.axvline(0.0, color=FAINT, linewidth=0.6, linestyle=(0, (3, 2)))
    axes.set_xlim(1000 * pair.edges[0], 1000 * pair.edges[-1])
    axes.spines[['top', 'right', 'left']].set_visible(False)
    axes.spines['bottom'].set_color(GRID)
    axes.tick_params(length=0, labelsize=7, colors=FAINT)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    axes.grid(axis='y', color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(f'{pair.slower}\nto {pair.faster}', fontsize=7.5, color=INK, loc='left',
                   parse_math=False)
    beyond = f', {pair.beyond:,} beyond' if pair.beyond else ''
    axes.set_xlabel(f'offset (ms){beyond}', fontsize=7.5, color=FAINT)
