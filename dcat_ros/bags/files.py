# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The files of a bag that is being written, split by size or duration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
import shutil

from dcat_ros.bags import qos
from dcat_ros.bags.mcap import McapWriter, Schema
from dcat_ros.bags.metadata import BagFile, PROFILES, TYPE_HASH, write_metadata
from dcat_ros.bags.types import Definition
from rosbags.interfaces import Qos

RESERVE = '.reserve'  # the file that keeps space back for closing a bag
NOTE = 'dcat_ros'  # the name of the metadata that each file begins with


@dataclass(frozen=True)
class Layout:
    """How a bag is stored.

    :param compression: of chunks, '' or 'zstd'.
    :param most_bytes: size at which the next file begins, 0 for never.
    :param most_time: ns after which the next file begins, 0 for never.
    """

    compression: str = ''
    most_bytes: int = 0
    most_time: int = 0


class BagFiles:
    """Writes a bag's directory: files `<name>_0.mcap`, ..., and metadata.yaml when it is closed.

    Until then each file says in its own metadata what the bag is, so that `recover` can restore
    it after a crash.

    :param directory: the bag, not there yet.
    :param name: what its files are called.
    :param note: what is known beforehand of `custom_data`.
    :param layout: see :class:`Layout`.
    :raises FileExistsError: when there is something at `directory`.
    """

    def __init__(
        self,
        directory: Path,
        name: str,
        note: Mapping[str, str],
        layout: Layout = Layout(),
    ) -> None:
        self.directory = directory
        self._name = name
        self._note = dict(note)
        self._layout = layout
        self._finished: list[BagFile] = []
        self._topics: dict[str, tuple[Schema, dict[str, str]]] = {}
        self._channels: dict[str, int] = {}
        self._first: int | None = None
        self._finished_size = 0
        directory.mkdir()
        try:
            self._begin_file()
        except OSError:
            shutil.rmtree(directory)
            raise

    @property
    def size(self) -> int:
        """Bytes in all files."""
        return self._finished_size + (self._file.size if self._is_open else 0)

    def __contains__(self, topic: str) -> bool:
        return topic in self._topics

    def add_topic(self, topic: str, definition: Definition, profiles: Sequence[Qos]) -> None:
        """Announce a topic, with the QoS profiles of its publishers."""
        encoding = 'ros2idl' if definition.text.startswith('=' * 80 + '\nIDL:') else 'ros2msg'
        schema = Schema(definition.name, encoding, definition.text)
        self._topics[topic] = schema, {
            PROFILES: qos.dumped(profiles), TYPE_HASH: definition.hash
        }
        self._announce(topic)

    def write(self, topic: str, data: bytes | memoryview, stamp: int) -> None:
        """Write a message of a topic that was announced.

        :param data: serialised (CDR).
        :param stamp: bag time, ns.
        :raises OSError: when the file system refuses; the message is not written then, and what
            is pending still is.
        """
        if self._is_full(stamp):
            self._end_file()
            self._begin_file()
        self._first = stamp if self._first is None else self._first
        self._file.write(self._channels[topic], stamp, data)

    def flush(self) -> None:
        """Write what is pending.

        :raises OSError: when the file system refuses; it is still pending then.
        """
        self._file.flush()

    def discard_pending(self) -> dict[str, int]:
        """Give up what could not be written; return the number of messages of each topic."""
        names = {number: topic for topic, number in self._channels.items()}
        lost = dict.fromkeys(self._channels, 0)
        for channel, _, _ in self._file.pending_messages:
            lost[names[channel]] += 1
        self._file.discard_pending()
        return lost

    def close(self, custom: Mapping[str, str]) -> None:
        """End the last file and write metadata.yaml.

        :raises OSError: when the file system refuses; `recover` restores the bag.
        """
        if self._is_open:
            self._end_file()
        write_metadata(self.directory, self._finished, {**self._note, **custom})

    def abandon(self) -> None:
        """Leave everything as it is."""
        self._file.abandon()

    def remove(self) -> None:
        """Remove the bag."""
        self.abandon()
        shutil.rmtree(self.directory)

    def _is_full(self, stamp: int) -> bool:
        size, duration = self._layout.most_bytes, self._layout.most_time
        written = self._file.size + self._file.pending_size
        if size and written >= size and self._first is not None:
            return True
        return bool(duration) and self._first is not None and stamp - self._first >= duration

    def _begin_file(self) -> None:
        self._is_open = False
        path = self.directory / f'{self._name}_{len(self._finished)}.mcap'
        self._file = McapWriter(path, self._layout.compression)
        self._first = None
        if self._note:
            self._file.add_metadata(NOTE, self._note)
        self._channels.clear()
        for topic in self._topics:
            self._announce(topic)
        self._is_open = True

    def _announce(self, topic: str) -> None:
        self._channels[topic] = self._file.add_channel(topic, *self._topics[topic])

    def _end_file(self) -> None:
        self._file.close()
        self._finished.append(BagFile(self._file.path.name, self._file.summary))
        self._finished_size += self._file.size
        self._is_open = False
