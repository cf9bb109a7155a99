# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Read rosbag2 bags, MCAP or SQLite, of the recorder or of `ros2 bag record`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
import json
from pathlib import Path
from typing import Any

from backports.zstd import ZstdError  # a dependency of rosbags
from dcat_ros.bags import annotation
from dcat_ros.bags.labels import Interval, intervals_of
from dcat_ros.bags.types import typestore
from dcat_ros.modalities import DecodeError
from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.interfaces import Nodetype, Qos
from rosbags.rosbag2 import ReaderError
from rosbags.serde import SerdeError


class BagError(Exception):
    """A bag is missing or damaged, or lacks what the caller needs."""


class BagReader:
    """Context manager that reads one bag.

    :param path: the bag's directory.
    :raises BagError: on entering, if there is no readable bag.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def __enter__(self) -> BagReader:
        if not self.path.exists():
            raise BagError(f'there is no bag at {self.path}')
        if self.path.is_dir() and not (self.path / 'metadata.yaml').exists():
            raise BagError(
                f'{self.path} has no metadata.yaml: it is not a rosbag2 bag, or was cut short '
                '(`dcat recover` restores those)'
            )
        with self._translated_errors():
            self._bag = AnyReader([self.path], default_typestore=typestore())
            self._bag.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._bag.close()

    @property
    def topics(self) -> dict[str, str]:
        """Message type of each topic, as in `sensor_msgs/msg/Imu`."""
        return {connection.topic: connection.msgtype for connection in self._bag.connections}

    @property
    def qos(self) -> dict[str, list[Qos]]:
        """Return the QoS profiles of each topic's publishers, empty where none were recorded."""
        profiles: dict[str, list[Qos]] = {}
        for connection in self._bag.connections:
            offered = getattr(connection.ext, 'offered_qos_profiles', [])
            profiles.setdefault(connection.topic, []).extend(offered)
        return profiles

    @property
    def custom(self) -> dict[str, str]:
        """`custom_data` of metadata.yaml: subject, source, ..."""
        storage: Any = self._bag.readers[0].storage  # type: ignore[union-attr]
        return dict(storage.metadata.custom or {})

    @property
    def sensors(self) -> dict[str, str]:
        """Topic of each sensor by its name, as the recorder noted it; empty where it did not."""
        try:
            topics = json.loads(self.custom.get('topics', '{}'))
            return {facts['sensor']: name for name, facts in topics.items() if facts['sensor']}
        except (ValueError, TypeError, KeyError, AttributeError):
            return {}

    @property
    def start(self) -> int:
        """Bag time of the first message, ns."""
        return self._bag.start_time

    @property
    def end(self) -> int:
        """One ns after the bag time of the last message."""
        return self._bag.end_time

    @property
    def message_count(self) -> int:
        """Return the number of messages on all topics."""
        return self._bag.message_count

    def fields(self, topic: str) -> list[str]:
        """Return the field names of the topic's message type as it was recorded."""
        _, fields = self._bag.typestore.fielddefs[self.topics[topic]]
        return [name for name, _ in fields]

    def has_header(self, topic: str) -> bool:
        """Return whether the topic's messages are known to begin with a std_msgs/Header."""
        _, fields = self._bag.typestore.fielddefs.get(self.topics[topic], ([], []))
        return bool(fields) and fields[0][1] == (Nodetype.NAME, 'std_msgs/msg/Header')

    def raw(
        self,
        topics: Sequence[str] | None = None,
        start: int | None = None,
        stop: int | None = None,
    ) -> Iterator[tuple[str, bytes, int]]:
        """Yield topic, serialised (CDR) message and bag time (ns), in order of bag time.

        :param topics: all by default.
        :param start: first bag time, ns.
        :param stop: bag time (ns) after the last one.
        :raises BagError: if a topic is not in the bag, or the file is damaged.
        """
        known = self.topics
        wanted = known if topics is None else topics
        for topic in wanted:
            if topic not in known:
                raise BagError(f'{self.path} has no topic {topic}; it has {", ".join(known)}')
        if not wanted:
            return
        chosen = [x for x in self._bag.connections if x.topic in wanted]
        with self._translated_errors():
            for connection, stamp, data in self._bag.messages(chosen, start, stop):
                yield connection.topic, data, stamp

    def messages(
        self,
        topics: Sequence[str] | None = None,
        start: int | None = None,
        stop: int | None = None,
    ) -> Iterator[tuple[str, Any, int]]:
        """Yield topic, message and bag time (ns); parameters as of `raw`.

        :raises BagError: as of `raw`, and if bytes are not a message of their topic's type.
        """
        for topic, data, stamp in self.raw(topics, start, stop):
            try:
                message = self.deserialize(topic, data)
            except DecodeError as error:
                raise BagError(f'{self.path}: {error}') from error
            yield topic, message, stamp

    def deserialize(self, topic: str, data: bytes) -> Any:
        """Return the message in serialised bytes of a topic.

        :raises DecodeError: if the bytes are not a message of its type.
        """
        msgtype = self.topics[topic]
        try:
            return self._bag.deserialize(data, msgtype)
        except (AnyReaderError, SerdeError) as error:
            raise DecodeError(
                f'{topic}: {len(data)} bytes are not a valid {msgtype}: {error}'
            ) from error

    @property
    def label_topic(self) -> str:
        """Name of the topic for labels, whether or not the bag has it."""
        return self.custom.get('label_topic', '/label')

    @property
    def span(self) -> annotation.Span:
        """Return the meaning of times and missing groups in an annotation of this bag."""
        custom = self.custom
        group = None if 'clip_groups' in custom else custom.get('subject', '')
        return annotation.Span(self.start, self.end, self.start, group)

    def labels(self) -> list[Interval]:
        """Return the labelled intervals from `labels.csv` if the bag has one, else as recorded.

        A recorded interval's group is its entry in `clip_groups` (a JSON list), else the bag's
        `subject`.

        :raises BagError: if `labels.csv` is invalid, `clip_groups` does not fit the labels, or
            their topic has another type.
        """
        path = self.path / annotation.FILE
        try:
            if path.exists():
                return [row for row in annotation.read(path, self.span) if row.label]
        except OSError as error:
            raise BagError(f'{path} cannot be read: {error.strerror}') from error
        except ValueError as error:
            raise BagError(str(error)) from error
        return self._recorded_labels()

    def _recorded_labels(self) -> list[Interval]:
        topic, custom = self.label_topic, self.custom
        if topic not in self.topics:
            return []
        if self.topics[topic] != 'std_msgs/msg/String':
            raise BagError(
                f'{topic} of {self.path} carries {self.topics[topic]}, not std_msgs/msg/String: '
                'label the bag with `dcat annotate --replace`'
            )
        texts = ((stamp, message.data) for _, message, stamp in self.messages([topic]))
        intervals = intervals_of(texts, self.end)
        groups = [custom.get('subject', '')] * len(intervals)
        if 'clip_groups' in custom:
            groups = json.loads(custom['clip_groups'])
        if len(groups) != len(intervals):
            raise BagError(
                f'{self.path}: {len(groups)} clip_groups for {len(intervals)} labelled intervals'
            )
        return [
            replace(interval, group=group)
            for interval, group in zip(intervals, groups, strict=True)
        ]

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except (AnyReaderError, ReaderError, ZstdError) as error:
            raise BagError(f'{self.path}: {error}') from error
