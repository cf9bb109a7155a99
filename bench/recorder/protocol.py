# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""In what order the subscribers are tried, and how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
import os
from pathlib import Path
import time

from bench.recorder.trial import LATE, NAIVE, NULL, RECORDER, Trial, TUNED

Run = Callable[[str, float, int], Trial]
"""Tries a subscriber for so many seconds at so many images per second."""

SUBSCRIBERS = (NULL, RECORDER, NAIVE, TUNED)
ROUNDS = 5
IMAGE_RATE = 30
STEP, HIGHEST = 30, 960
ATTEMPTS = 2
BLOCK, BLOCKS = 4 * 2**20, 250


def rounds(run: Run, seconds: float) -> list[Trial]:
    """Try all subscribers in turn, several times, so that whatever drifts hits all alike.

    :param seconds: for each trial.
    """
    return [
        run(SUBSCRIBERS[(number + place) % len(SUBSCRIBERS)], seconds, IMAGE_RATE)
        for number in range(ROUNDS)
        for place in range(len(SUBSCRIBERS))
    ]


@dataclass
class Sweep:
    """The highest rate at which a subscriber lost no image, and what was tried to find it."""

    highest: int = 0
    trials: list[Trial] = field(default_factory=list)

    @property
    def late(self) -> bool:
        """Whether it was the sensors that could not go on."""
        failed = [trial for trial in self.trials if trial.image_rate > self.highest]
        return bool(failed) and all(trial.late > LATE for trial in failed)


def sweep(run: Run, subscriber: str, seconds: float) -> Sweep:
    """Double the image rate until images are lost, then halve the gap down to one step.

    :param seconds: for each rate; one that fails gets another try.
    """
    found = Sweep()

    def passes(rate: int) -> bool:
        for _ in range(ATTEMPTS):
            trial = run(subscriber, seconds, rate)
            found.trials.append(trial)
            if not trial.lost('camera') and trial.kept_pace:
                return True
        return False

    rate = STEP
    while rate <= HIGHEST and passes(rate):
        found.highest = rate
        rate *= 2
    too_high = min(rate, HIGHEST + STEP)
    while too_high - found.highest > STEP:
        middle = (found.highest + too_high) // (2 * STEP) * STEP
        if passes(middle):
            found.highest = middle
        else:
            too_high = middle
    return found


def disk_speed(folder: Path) -> float:
    """Return the bytes per second of writing a gigabyte to the disk, until it is there."""
    block, path = os.urandom(BLOCK), folder / 'block'
    begun = time.monotonic()
    with path.open('wb', buffering=0) as file:
        for _ in range(BLOCKS):
            file.write(block)
        os.fsync(file.fileno())
    took = time.monotonic() - begun
    path.unlink()
    return BLOCK * BLOCKS / took
