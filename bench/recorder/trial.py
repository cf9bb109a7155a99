# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One trial: a subscriber receives the sensors' messages while it is measured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
import json
from pathlib import Path
import shutil
import time
from typing import NamedTuple

from bench.common.process import BenchError, cpu_seconds, peak_memory, running
from bench.recorder.messages import number_of, Stream, streams
from dcat_ros.bags.reader import BagReader
from rich.progress import Progress

NULL, TUNED, RECORDER, NAIVE = 'null', 'tuned null', 'recorder', 'naive'
DRAIN = 2.0
"""Seconds after the last message in which the subscriber may still work; their CPU counts."""
LATE = 0.02
"""Seconds of lateness of the sensors above which the machine was busy."""
PACE = 0.99
"""Least share of the requested rate that counts as that rate."""


class Kept(NamedTuple):
    """One sensor: distinct messages in the bag, and how many differ from the published ones."""

    messages: int
    altered: int


@dataclass(frozen=True)
class Trial:
    """Result of one trial.

    :param requested: seconds for which the sensors were to publish; they took ``seconds``.
    :param cpu: CPU seconds of the subscriber from the first message on.
    :param memory: peak resident bytes of the subscriber.
    :param late: the sensors' greatest lateness in s.
    :param published: number of messages of each sensor.
    :param kept: what arrived, or is in the bag.
    """

    subscriber: str
    image_rate: int
    requested: float
    seconds: float
    cpu: float
    memory: int
    late: float
    published: dict[str, int]
    kept: dict[str, Kept]

    @property
    def kept_pace(self) -> bool:
        """Whether the sensors published at the requested rate."""
        return self.requested / self.seconds >= PACE

    @property
    def cores(self) -> float:
        """CPU seconds per second of publishing."""
        return self.cpu / self.seconds

    def lost(self, sensor: str) -> int:
        """Return how many of a sensor's messages are missing."""
        return self.published[sensor] - self.kept[sensor].messages


def run(
    subscriber: str, seconds: float, image_rate: int, folder: Path, progress: Progress
) -> Trial:
    """Publish to one subscriber, and measure it.

    :param folder: for its bag, which is deleted afterwards.
    :raises BenchError: when a process fails.
    """
    bag, load = folder / 'bag', streams(image_rate)
    title = f'{subscriber}, {image_rate} images/s'
    task = progress.add_task(title, total=seconds)
    sensors = [str(seconds), str(image_rate)]
    try:
        with (
            running(*_command(subscriber, bag), folder) as subscriber_process,
            running('bench.recorder.publisher', sensors, folder) as publisher,
        ):
            before = 0.0
            for line in publisher.lines():
                result = json.loads(line)
                if isinstance(result, dict):
                    break
                before = before or cpu_seconds(subscriber_process.id)
                progress.update(task, completed=result)
            else:
                raise BenchError('the sensors ended early')
            time.sleep(DRAIN)
            cpu = cpu_seconds(subscriber_process.id) - before
            memory = peak_memory(subscriber_process.id)
            counts_text = subscriber_process.interrupt()
            publisher.finish()
        progress.update(task, description=f'{title}: counting', total=None)
        if subscriber in (NULL, TUNED):
            counts = json.loads(counts_text)
            arrived = {sensor: Kept(counts.get(sensor, 0), 0) for sensor in load}
        else:
            arrived = read_kept(bag, load, seconds, result['origin'])
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
        NULL: ('bench.recorder.baseline', []),
        TUNED: ('bench.recorder.baseline', ['--keep-freed-memory']),
        RECORDER: ('dcat_ros.nodes.recorder.node', ['--ros-args', *assigned]),
        NAIVE: ('bench.recorder.peer', [str(bag)]),
    }[subscriber]


def read_kept(bag: Path, load: dict[str, Stream], seconds: float, origin: int) -> dict[str, Kept]:
    """Count the messages of each sensor in a bag.

    :param seconds: for which they were published.
    :param origin: stamp of the first ones, ns.
    """
    with BagReader(bag) as reader:
        return {
            sensor: _count(
                (data for _, data, _ in reader.raw([stream.topic])),
                stream, stream.count(seconds), origin,
            ) if stream.topic in reader.topics else Kept(0, 0)
            for sensor, stream in load.items()
        }


def _count(recorded: Iterable[bytes], stream: Stream, published: int, origin: int) -> Kept:
    numbers, altered = set(), 0
    for data in recorded:
        number = number_of(data)
        if number < published:
            numbers.add(number)
        altered += number >= published or data != stream.serialised(number, origin)
    return Kept(len(numbers), altered)
