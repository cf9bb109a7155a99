# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What happened since a start: true activities, results, the robot's speed, and events."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
import time
from typing import Any

from dcat_ros.demo.observer import Activity, Observer
from dcat_ros.inference import UNKNOWN
import numpy as np

WINDOW = 2.0
"""Seconds of the longest window, in which an earlier activity may still be."""


class Timeline:
    """Starts when it is created.

    :param observer: of the topics.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._started = time.monotonic()
        self._events: list[tuple[float, str]] = []

    def add_event(self, event: str) -> None:
        """Record an event that happens now."""
        self._events.append((time.monotonic() - self._started, event))

    def result(self) -> dict[str, Any]:
        """Return what happened, with times in s from the start.

        ``whole`` counts the results whose window has a single activity; ``right`` and ``unknown``
        are shares of those.
        """
        received = [answer for answer in self._observer.answers if answer.time >= self._started]
        whole = [answer for answer in received if self._one_activity(answer)]
        latencies = [answer.latency for answer in received if answer.label != UNKNOWN] or [0.0]
        changes = [(max(0.0, at - self._started), label) for at, label in self._observer.truth]
        first = max(0, sum(at == 0.0 for at, _ in changes) - 1)
        return {
            'duration': time.monotonic() - self._started,
            'answers': [
                [answer.time - self._started, answer.frame_id, answer.label, answer.score]
                for answer in received
            ],
            'truth': changes[first:],
            'speeds': [
                [at - self._started, speed] for at, speed in self._observer.speeds
                if at >= self._started
            ],
            'events': self._events,
            'whole': len(whole),
            'right': _share([each.label == self._truth(each.time) for each in whole]),
            'unknown': _share([each.label == UNKNOWN for each in whole]),
            'latency_p50': float(np.quantile(latencies, 0.5)),
            'latency_p99': float(np.quantile(latencies, 0.99)),
            'longest_gap': max((b.time - a.time for a, b in pairwise(received)), default=0.0),
            'stamps_rise': all(b.stamp > a.stamp for a, b in pairwise(received)),
        }

    def _truth(self, at: float) -> str:
        place = bisect_right(self._observer.truth, at, key=lambda each: each[0])
        return self._observer.truth[place - 1][1] if place else ''

    def _one_activity(self, answer: Activity) -> bool:
        began = answer.time - answer.latency - WINDOW
        return bool(self._truth(began)) and not any(
            began < at <= answer.time for at, _ in self._observer.truth
        )


def _share(found: list[bool]) -> float:
    return sum(found) / len(found) if found else 0.0
