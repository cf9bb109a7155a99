# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""All that a report says about one bag, but for the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dcat_ros.bags.labels import Interval
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.reports.recorder_metadata import RecorderMetadata
from dcat_ros.reports.sensor_pairs import SensorPair
from dcat_ros.reports.thumbnails import Strip
from dcat_ros.reports.topic import Topic


@dataclass(frozen=True)
class Activity:
    """How often and how long one label holds; times in s."""

    label: str
    count: int
    total: float
    shortest: float
    longest: float


@dataclass(frozen=True)
class Report:
    """One bag's numbers.

    :param name: of the bag's directory.
    :param start: bag time of the first message, ns.
    :param duration: s from the first message to the last.
    :param size: bytes of the bag's data files and metadata.
    :param recorded: what the recorder says.
    :param topics: sensors first, then the others by name.
    :param pairs: of each two sensors.
    :param intervals: labelled stretches, in order of time.
    :param label_fault: why the labels cannot be read, empty when they can.
    :param strips: pictures of each camera.
    :param unreadable: topic to the reason why training could not read a sensor.
    :param implausible: topic to the reason why a sensor is not what its modality expects.
    """

    name: str
    start: int
    duration: float
    size: int
    recorded: RecorderMetadata
    topics: Sequence[Topic]
    pairs: Sequence[SensorPair]
    intervals: Sequence[Interval]
    label_fault: str
    strips: Sequence[Strip]
    unreadable: dict[str, str]
    implausible: dict[str, str]

    @property
    def messages(self) -> int:
        """Return the number of messages on all topics."""
        return sum(topic.written for topic in self.topics)

    @property
    def rate_bin(self) -> float:
        """Seconds over which each of a topic's rates is averaged."""
        return self.duration / max((len(topic.rates) for topic in self.topics), default=1)

    @property
    def sensors(self) -> list[Topic]:
        """Return the topics of sensors."""
        return [topic for topic in self.topics if topic.sensor]

    @property
    def activities(self) -> list[Activity]:
        """One entry for each label, by name."""
        lengths: dict[str, list[float]] = {}
        for interval in self.intervals:
            length = (interval.end - interval.start) / NANOSECONDS
            lengths.setdefault(interval.label, []).append(length)
        return [
            Activity(label, len(held), sum(held), min(held), max(held))
            for label, held in sorted(lengths.items())
        ]

    @property
    def labelled(self) -> float:
        """Seconds that have a label."""
        return sum(activity.total for activity in self.activities)
