# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One trial: a subscriber hears the sensors for a while."""

from __future__ import annotations

from dataclasses import dataclass
import json
from pathlib import Path
import shutil
import time

from bench.recorder.kept import Kept, kept
from bench.recorder.load import streams
from bench.rig.process import cpu_seconds, Failed, peak_memory, running
from rich.progress import Progress

NULL, TUNED, RECORDER, NAIVE = 'null', 'tuned null', 'recorder', 'naive'
DRAIN = 2.0
"""Seconds after the last message in which the subscriber may still work; they count as work."""
LATE = 0.02
"""Seconds of lateness from which on the sensors were not as they should be."""
PACE = 0.99
"""Of the rate asked for: less than this is another rate."""


@dataclass(frozen=True)
class Trial:
    """What came of it.

    :param asked: seconds for which the sensors were to publish, and `seconds` that they took.
    :param cpu: seconds that the subscriber computed from the first message on.
    :param memory: most bytes that the subscriber has had.
    :param late: the sensors' greatest lateness in s.
    :param published: number of messages of each sensor.
    :param kept: what arrived, or is in the bag.
    """

    subscriber: str
    image_rate: int
    asked: float
    seconds: float
    cpu: float
    memory: int
    late: float
    published: dict[str, int]
    kept: dict[str, Kept]

    @property
    def kept_pace(self) -> bool:
        """Whether the sensors published at the rate that they were to."""
        return self.asked / self.seconds >= PACE

    @property
    def share(self) -> float:
        """Processor cores in use while publishing lasted."""
        return self.cpu / self.seconds

    def lost(self, sensor: str) -> int:
        """Return how many of a sensor's messages are missing."""
        return self.published[sensor] - self.kept[sensor].messages

    @property
    def whole(self) -> bool:
        """Whether all messages are there, byte for byte."""
        return not any(self.lost(sensor) or self.kept[sensor].altered for sensor in self.kept)


def run(
    subscriber: str, seconds: float, image_rate: int, folder: Path, progress: Progress
) -> Trial:
    """Let one subscriber hear the sensors.

    :param folder: for its bag, which is deleted afterwards.
    :raises Failed: when a process fails.
    """
    bag, load = folder / 'bag', streams(image_rate)
    what = f'{subscriber}, {image_rate} images/s'
    task = progress.add_task(what, total=seconds)
    sensors = [str(seconds), str(image_rate)]
    try:
        with (
            running(*_command(subscriber, bag), folder) as listener,
            running('bench.recorder.publish', sensors, folder) as publisher,
        ):
            before = 0.0
            for line in publisher.lines():
                result = json.loads(line)
                if isinstance(result, dict):
                    break
                before = before or cpu_seconds(listener.id)
                progress.update(task, completed=result)
            else:
                raise Failed('the sensors ended early')
            time.sleep(DRAIN)
            cpu, memory = cpu_seconds(listener.id) - before, peak_memory(listener.id)
            counted = listener.interrupt()
            publisher.finish()
        progress.update(task, description=f'{what}: counting', total=None)
        if subscriber in (NULL, TUNED):
            counts = json.loads(counted)
            arrived = {sensor: Kept(counts.get(sensor, 0), 0) for sensor in load}
        else:
            arrived = kept(bag, load, seconds, result['origin'])
    finally:
        shutil.rmtree(bag, ignore_errors=True)
        progress.remove_task(task)
    return Trial(
        subscriber, image_rate, seconds, result['seconds'], cpu, memory, result['late'],
        {name: stream.count(seconds) for name, stream in load.items()}, arrived,
    )


def _command(subscriber: str, bag: Path) -> tuple[str, list[str]]:
    """Return a subscriber's module and arguments."""
    parameters = {
        'output': bag.parent, 'session': bag.name, 'start_on_activation': 'true',
        'report': 'false',
    }
    assigned = [word for name, value in parameters.items() for word in ('-p', f'{name}:={value}')]
    return {
        NULL: ('bench.recorder.null', []),
        TUNED: ('bench.recorder.null', ['--keep-freed-memory']),
        RECORDER: ('dcat_ros.nodes.recorder.node', ['--ros-args', *assigned]),
        NAIVE: ('bench.recorder.naive', [str(bag)]),
    }[subscriber]
