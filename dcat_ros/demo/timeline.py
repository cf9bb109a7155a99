# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What happened from some time on: the truth, the answers, the robot's speed, and events."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
import time
from typing import Any

from dcat_ros.demo.observer import Answer, Observer
from dcat_ros.inference import UNKNOWN
import numpy as np

WINDOW = 2.0
"""Seconds of the longest window: younger than that, a change of activity is still in it."""


class Timeline:
    """Begins when it is made.

    :param observer: who hears what is said.
    """

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._began = time.monotonic()
        self._events: list[tuple[float, str]] = []

    def note(self, event: str) -> None:
        """Note an event that happens now."""
        self._events.append((time.monotonic() - self._began, event))

    def facts(self) -> dict[str, Any]:
        """Return all that happened, times in s from the begin.

        ``whole`` counts the answers whose window has one activity alone, of which ``right`` and
        ``unknown`` are shares.
        """
        heard = [each for each in self._observer.answers if each.time >= self._began]
        whole = [answer for answer in heard if self._one_activity(answer)]
        latencies = [answer.latency for answer in heard if answer.label != UNKNOWN] or [0.0]
        changes = [(max(0.0, at - self._began), label) for at, label in self._observer.truth]
        first = max(0, sum(at == 0.0 for at, _ in changes) - 1)
        return {
            'duration': time.monotonic() - self._began,
            'answers': [
                [each.time - self._began, each.frame_id, each.label, each.score] for each in heard
            ],
            'truth': changes[first:],
            'speeds': [
                [at - self._began, speed] for at, speed in self._observer.speeds
                if at >= self._began
            ],
            'events': self._events,
            'whole': len(whole),
            'right': _share([each.label == self._truth(each.time) for each in whole]),
            'unknown': _share([each.label == UNKNOWN for each in whole]),
            'latency_p50': float(np.quantile(latencies, 0.5)),
            'latency_p99': float(np.quantile(latencies, 0.99)),
            'longest_gap': max((b.time - a.time for a, b in pairwise(heard)), default=0.0),
            'stamps_rise': all(b.stamp > a.stamp for a, b in pairwise(heard)),
        }

    def _truth(self, at: float) -> str:
        place = bisect_right(self._observer.truth, at, key=lambda each: each[0])
        return self._observer.truth[place - 1][1] if place else ''

    def _one_activity(self, answer: Answer) -> bool:
        began = answer.time - answer.latency - WINDOW
        return bool(self._truth(began)) and not any(
            began < at <= answer.time for at, _ in self._observer.truth
        )


def _share(found: list[bool]) -> float:
    return sum(found) / len(found) if found else 0.0
