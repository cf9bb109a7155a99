"""Read rosbag2 bags (MCAP or SQLite, recorded here or by `ros2 bag record`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from backports.zstd import ZstdError  # what rosbags decompresses with
from rosbags.highlevel import AnyReader, AnyReaderError
from rosbags.interfaces import Connection, Qos
from rosbags.rosbag2 import ReaderError

from dcat_ros.bags.labels import Interval, intervals_of, with_groups
from dcat_ros.bags.types import typestore


class BagError(Exception):
    """A bag that is missing, broken, or lacks what was asked of it."""


class BagReader:
    """Context manager that reads one bag.

    :param path: the bag's directory.
    :raises BagError: on entering, when there is no readable bag.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def __enter__(self) -> BagReader:
        if not self.path.exists():
            raise BagError(f'there is no bag at {self.path}')
        if self.path.is_dir() and not (self.path / 'metadata.yaml').exists():
            raise BagError(
                f'{self.path} has no metadata.yaml: it is no rosbag2 bag, or one cut short '
                '(`ros2 bag reindex` restores those)'
            )
        with self._translated():
            self._bag = AnyReader([self.path], default_typestore=typestore())
            self._bag.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bag.close()

    @property
    def topics(self) -> dict[str, str]:
        """Message type of each topic, as in `sensor_msgs/msg/Imu`."""
        return {connection.topic: connection.msgtype for connection in self._bag.connections}

    @property
    def qos(self) -> dict[str, list[Qos]]:
        """QoS profiles of each topic's publishers; empty where the recording kept none."""
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
    def start(self) -> int:
        """Bag time of the first message, ns."""
        return self._bag.start_time

    @property
    def end(self) -> int:
        """One ns after the bag time of the last message."""
        return self._bag.end_time

    @property
    def message_count(self) -> int:
        """Number of messages on all topics."""
        return self._bag.message_count

    def fields(self, topic: str) -> list[str]:
        """Return the field names of the topic's message type as it was recorded."""
        _, fields = self._bag.typestore.fielddefs[self.topics[topic]]
        return [name for name, _ in fields]

    def raw(
        self,
        topics: Sequence[str] | None = None,
        start: int | None = None,
        stop: int | None = None,
    ) -> Iterator[tuple[str, bytes, int]]:
        """Yield topic, serialised (CDR) message and bag time (ns), in order of bag time.

        :param topics: the topics wanted, all when left out.
        :param start: first bag time wanted, ns.
        :param stop: the bag time (ns) after the last one wanted.
        :raises BagError: when a topic is not in the bag, or the file is damaged.
        """
        for connection, data, stamp in self._read(topics, start, stop):
            yield connection.topic, data, stamp

    def messages(
        self,
        topics: Sequence[str] | None = None,
        start: int | None = None,
        stop: int | None = None,
    ) -> Iterator[tuple[str, Any, int]]:
        """Yield topic, message and bag time (ns); parameters and errors as of `raw`."""
        for connection, data, stamp in self._read(topics, start, stop):
            with self._translated():
                message = self._bag.deserialize(data, connection.msgtype)
            yield connection.topic, message, stamp

    def labels(self, topic: str = '/label') -> list[Interval]:
        """Return the labelled intervals, with groups from `custom_data`.

        The group is the entry in `clip_groups` (a JSON list, one for each interval), else the
        bag's `subject`.

        :raises BagError: when `clip_groups` does not fit the labels.
        """
        if topic not in self.topics:
            return []
        texts = ((stamp, message.data) for _, message, stamp in self.messages([topic]))
        intervals = intervals_of(texts, self.end)
        custom = self.custom
        if 'clip_groups' in custom:
            groups = json.loads(custom['clip_groups'])
        else:
            groups = [custom.get('subject', '')] * len(intervals)
        try:
            return with_groups(intervals, groups)
        except ValueError as error:
            raise BagError(f'{self.path}: {error}') from error

    def _read(
        self, topics: Sequence[str] | None, start: int | None, stop: int | None
    ) -> Iterator[tuple[Connection, bytes, int]]:
        known = self.topics
        wanted = known if topics is None else topics
        for topic in wanted:
            if topic not in known:
                raise BagError(f'{self.path} has no topic {topic}; it has {", ".join(known)}')
        if not wanted:
            return
        chosen = [x for x in self._bag.connections if x.topic in wanted]
        with self._translated():
            for connection, stamp, data in self._bag.messages(chosen, start, stop):
                yield connection, data, stamp

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (AnyReaderError, ReaderError, ZstdError) as error:
            raise BagError(f'{self.path}: {error}') from error
