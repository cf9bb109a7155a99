# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Figures of the demonstration's page."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from dcat_ros.demo.scenario import FRAMES
from dcat_ros.inference import UNKNOWN
from dcat_ros.modalities.body import BONES
from dcat_ros.reports.figures import COLOURS, FAINT, INK
from matplotlib.axes import Axes
from matplotlib.figure import Figure

StepResult = dict[str, Any]
SMALL = 7  # pt


def skeletons(facts: StepResult) -> Figure:
    """Return the person at three moments of each clip, from the front."""
    clips = facts['clips']
    figure = Figure(figsize=(11, 5), layout='constrained')
    for axes, clip in zip(figure.subplots(2, len(clips) // 2).flat, clips, strict=True):
        for number, body in enumerate(clip['bodies'], start=1):
            strength = number / len(clip['bodies'])
            for a, b in BONES:
                (x, y, _), (to_x, to_y, _) = body[a], body[b]
                axes.plot([x, to_x], [y, to_y], color=COLOURS['imu'], alpha=strength)
            axes.plot(*body[0][:2], 'o', color=COLOURS['imu'], alpha=strength)
        axes.invert_yaxis()
        axes.set(aspect='equal', title=clip['activity'].replace('_', ' '))
        axes.axis('off')
    return figure


def scores(facts: StepResult) -> Figure:
    """Return macro-F1 of each row of the training."""
    figure = Figure(figsize=(8, 0.5 + 0.4 * len(facts['macro_f1'])), layout='constrained')
    axes = figure.subplots()
    names = list(facts['macro_f1'])[::-1]
    values = [100 * facts['macro_f1'][name] for name in names]
    colours = [COLOURS['imu'] if name == facts['method'] else FAINT for name in names]
    axes.barh(names, values, color=colours)
    for place, value in enumerate(values):
        axes.text(value + 1, place, f'{value:.1f}', va='center')
    axes.set(xlim=(0, 108), xlabel='macro-F1 on the person left out, %')
    return figure


def timeline(facts: StepResult) -> Figure:
    """Return what the person did, what was answered from which sensor, and the robot's speed."""
    figure = Figure(figsize=(11, 4.4), layout='constrained')
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    _activities(top, facts)
    bottom.step(*zip(*facts['speeds'], strict=True), where='post', color=INK)
    bottom.set(
        ylim=(0, 1.05), xlim=(0, facts['duration']), ylabel='speed scale', xlabel='time, s'
    )
    for at, event in facts['events']:
        for axes in (top, bottom):
            axes.axvline(at, color=FAINT, linewidth=0.7)
        top.text(
            at, 1.02, event, rotation=35, transform=top.get_xaxis_transform(), fontsize=SMALL
        )
    return figure


def _activities(axes: Axes, facts: StepResult) -> None:
    truth = [*facts['truth'], [facts['duration'], '']]
    names = sorted({label for _, label in facts['truth']} - {''}, reverse=True)
    names += sorted({label for _, _, label, _ in facts['answers']} - {*names, UNKNOWN})
    rows = {name: place for place, name in enumerate([UNKNOWN, *names])}
    for (begin, label), (end, _) in pairwise(truth):
        if label:
            axes.barh(rows[label], end - begin, left=begin, height=0.8, color=FAINT, alpha=0.4)
    for sensor, frame in {**FRAMES, '': ''}.items():
        points = [(at, rows[label]) for at, seen, label, _ in facts['answers'] if seen == frame]
        if points:
            times, places = zip(*points, strict=True)
            name = sensor or 'none'
            axes.plot(times, places, '.', markersize=4, color=COLOURS[sensor], label=name)
    axes.set_yticks(list(rows.values()), list(rows))
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.legend(loc='upper right', fontsize=SMALL)
