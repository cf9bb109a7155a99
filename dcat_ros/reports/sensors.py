# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The sensors of a bag that a report judges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.sensors import modalities_in
from dcat_ros.modalities import create_lenient, Modality


class RecordedSensor(NamedTuple):
    """A sensor in a bag: its name, and the topics that may carry it, one or more."""

    name: str
    modality: Modality
    topics: list[str]


def first_message(reader: BagReader, topic: str) -> Any:
    """Return a topic's first message, None when there is none or its bytes are no message."""
    try:
        return next((message for _, message, _ in reader.messages([topic])), None)
    except BagError:
        return None


def sensors_in(reader: BagReader) -> Iterator[RecordedSensor]:
    """Yield the sensors that a bag has messages of.

    The recorder notes the topic of each name. A modality's default sensor that it did not note may
    be on any topic of the modality's types that no other sensor has.
    """
    noted = reader.sensors
    for name, kind in modalities_in(reader).items():
        modality = create_lenient(kind)
        others = {topic for other, topic in noted.items() if other != name}
        topics = [
            topic for topic, msgtype in reader.topics.items()
            if msgtype in modality.message_types and topic not in others
            and (name == kind or topic == noted[name])
        ]
        if topics:
            yield RecordedSensor(name, modality, topics)
