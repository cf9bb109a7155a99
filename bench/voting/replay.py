# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Bags through the engine of the inference node, message by message, as if they arrived now."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from dcat_ros.bags.labels import interval_at
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.windows import topics_of
from dcat_ros.bundles import Bundle
from dcat_ros.inference import Engine, Hypothesis, Source, SourceSettings, UNKNOWN
from dcat_ros.inference.source import SerializedMessage
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.share import defaults
import numpy as np
from numpy.typing import NDArray


class ClipAnswers(NamedTuple):
    """The answers to the windows of one clip.

    ``scores`` (answers, classes), ``named`` and ``right`` (answers,).
    """

    label: str
    scores: NDArray[np.float64]
    named: NDArray[np.bool_]
    right: NDArray[np.bool_]


def replay(
    bag: Path, bundles: Sequence[Path], classes: Sequence[str], failing: str = ''
) -> list[ClipAnswers]:
    """Return the answers to each clip of a bag.

    :param bundles: one or more, which vote.
    :param failing: modality of a sensor that delivers nothing in every second clip.
    """
    now = [0]
    settings = SourceSettings.from_parameters(defaults('inference'))
    engine = Engine(lambda: now[0], lambda: now[0] / NANOSECONDS)
    sources = [
        Source(Bundle(path), settings, lambda: now[0] / NANOSECONDS) for path in bundles
    ]
    sources.sort(key=lambda source: source.bundle.manifest.ranking, reverse=True)
    engine.set_sources(sources, votes=True)
    window = sources[0].bundle.manifest.window
    span = round((window.size - 1.5) / window.rate * NANOSECONDS)
    with BagReader(bag) as reader:
        intervals = reader.labels()
        by_topic = {
            topics_of(reader, source.bundle.modality)[0]: source for source in sources
        }
        found: list[list[list[Hypothesis]]] = [[] for _ in intervals]
        for topic, raw, arrival in reader.raw(list(by_topic)):
            now[0] = arrival
            source = by_topic[topic]
            interval = interval_at(intervals, arrival, arrival)
            is_even = interval is None or intervals.index(interval) % 2 == 0
            if source.name != failing or is_even:
                source.enqueue(
                    SerializedMessage(raw, partial(reader.deserialize, topic), has_header=True)
                )
            for answer in engine.step():
                within = interval_at(intervals, answer.stamp - span, answer.stamp)
                if within is not None and answer.modality:
                    found[intervals.index(within)].append(answer.hypotheses)
    return [
        _clip(interval.label, answers, classes)
        for interval, answers in zip(intervals, found, strict=True)
    ]


def _clip(
    label: str, answers: Sequence[Sequence[Hypothesis]], classes: Sequence[str]
) -> ClipAnswers:
    rows = [dict(answer) for answer in answers]
    best = [answer[0].label for answer in answers]
    return ClipAnswers(
        label,
        np.array([[row[name] for name in classes] for row in rows]).reshape(-1, len(classes)),
        np.array([name != UNKNOWN for name in best], bool),
        np.array([name == label for name in best], bool),
    )
