# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One topic of a session: its description, and counts of its messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dcat_ros.bags.types import Definition
from dcat_ros.modalities.base import NANOSECONDS
from rosbags.interfaces import Qos


@dataclass
class SessionTopic:
    """A topic's description and counts; each received message ends up as written or dropped.

    :param name: full name.
    :param definition: the message type.
    :param profiles: QoS that the publishers offer.
    :param sensor: name of the sensor whose samples it carries, or '' for other topics.
    :param modality: the sensor's, or ''.
    :param has_header: whether messages begin with a std_msgs/Header; they are stamped on arrival
        otherwise.
    :param may_drop: whether messages may be dropped when the disk is too slow.
    """

    name: str
    definition: Definition
    profiles: list[Qos]
    sensor: str = ''
    modality: str = ''
    has_header: bool = True
    may_drop: bool = False
    frame_id: str = ''
    received: int = 0
    written: int = 0
    dropped: int = 0
    first: int = 0
    last: int = 0

    def count_received(self, bag_time: int) -> None:
        """Count a message received at a bag time in ns."""
        if not self.received:
            self.first = bag_time
        self.last = bag_time
        self.received += 1

    @property
    def rate(self) -> float:
        """Messages per second by arrival, 0.0 for fewer than two."""
        elapsed = self.last - self.first
        return (self.received - 1) * NANOSECONDS / elapsed if elapsed > 0 else 0.0

    def summary(self) -> dict[str, Any]:
        """Return what the bag stores in `custom_data` about the topic."""
        return {
            'sensor': self.sensor,
            'modality': self.modality,
            'frame_id': self.frame_id,
            'stamped_by': 'header' if self.has_header else 'arrival',
            'qos': [
                f'{qos.reliability.name} {qos.durability.name}'.lower() for qos in self.profiles
            ],
            'received': self.received,
            'written': self.written,
            'dropped': self.dropped,
            'rate': round(self.rate, 3),
        }
