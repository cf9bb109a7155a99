# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What one topic's messages leave behind while a bag is read: stamps and counts, no content."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from dcat_ros.bags.types import typestore
from dcat_ros.modalities.cdr import ENCAPSULATION, header_stamp
import numpy as np
from numpy.typing import NDArray
from rosbags.serde import SerdeError

ENCAPSULATIONS = (b'\0\0', b'\0\1')  # CDR, big and little endian
REMEMBERED = 10_000  # shapes of readable messages


class TopicLog:
    """Takes the messages of one topic in order of arrival.

    Bytes that do not deserialise are counted as malformed and leave no stamp. A message with a
    header is deserialised only when it differs from all readable ones before it in its length,
    its encapsulation or the length of its frame_id. A type that `bags.types` does not know as
    the bag has it is checked by its encapsulation and header alone.

    :param topic: with its leading slash.
    :param msgtype: as in `sensor_msgs/msg/Imu`; empty when the bag lacks the topic.
    :param has_header: whether its messages begin with a std_msgs/Header.
    :param fields: names of the type's fields as it was recorded.
    """

    def __init__(
        self, topic: str, msgtype: str = '', has_header: bool = False, fields: Sequence[str] = ()
    ) -> None:
        self.topic, self.msgtype, self.has_header = topic, msgtype, has_header
        self.count = self.bytes = self.malformed = 0
        self._arrivals, self._stamps = array('q'), array('q')
        self._readable: set[tuple[int, bytes, bytes]] = set()
        _, known = typestore().fielddefs.get(msgtype, ([], []))
        self._is_known = bool(known) and [name for name, _ in known] == list(fields)

    @property
    def arrivals(self) -> NDArray[np.int64]:
        """Bag time of each readable message, ns; never falling."""
        return np.array(self._arrivals, np.int64)

    @property
    def stamps(self) -> NDArray[np.int64]:
        """Header stamp of each readable message, ns; its arrival where it has no header."""
        return np.array(self._stamps, np.int64)

    @property
    def distinct(self) -> NDArray[np.int64]:
        """Return the stamps that are not zero, rising, each once."""
        stamps = self.stamps
        return np.unique(stamps[stamps != 0])

    def add(self, raw: bytes, arrival: int) -> None:
        """Take a message.

        :param raw: the serialised (CDR) message.
        :param arrival: bag time, ns.
        """
        self.count += 1
        self.bytes += len(raw)
        if not self._can_be_read(raw):
            self.malformed += 1
            return
        self._arrivals.append(arrival)
        self._stamps.append(header_stamp(raw) if self.has_header else arrival)

    def _can_be_read(self, raw: bytes) -> bool:
        if not self.has_header:
            return self._deserialises(raw)
        shape = (len(raw), raw[:2], raw[12:16])
        if shape in self._readable:
            return True
        if not self._deserialises(raw):
            return False
        if len(self._readable) < REMEMBERED:
            self._readable.add(shape)
        return True

    def _deserialises(self, raw: bytes) -> bool:
        if not self._is_known:
            least = ENCAPSULATION + (8 if self.has_header else 0)
            return len(raw) >= least and raw[:2] in ENCAPSULATIONS
        try:
            typestore().deserialize_cdr(raw, self.msgtype)
        except SerdeError:
            return False
        return True
