# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Write serialised messages to the files of a bag, split by size or duration."""

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

RESERVE = '.reserve'  # the file that reserves disk space for closing a bag
CUSTOM_DATA = 'dcat_ros'  # the name of the metadata that each file begins with


@dataclass(frozen=True)
class StorageOptions:
    """How a bag is stored.

    :param compression: of chunks, '' or 'zstd'.
    :param max_file_size: bytes after which the next file begins, 0 for no limit.
    :param max_file_duration: ns after which the next file begins, 0 for no limit.
    """

    compression: str = ''
    max_file_size: int = 0
    max_file_duration: int = 0


class BagStorage:
    """Writes a bag's directory: files `<name>_0.mcap`, ..., and finally metadata.yaml.

    Each file begins with the `custom_data` known at the start, so that `recover` can restore the
    bag after a crash.

    :param directory: the new bag.
    :param name: of the files.
    :param custom: what is known of `custom_data`.
    :raises FileExistsError: if something exists at `directory`.
    """

    def __init__(
        self,
        directory: Path,
        name: str,
        custom: Mapping[str, str],
        options: StorageOptions = StorageOptions(),
    ) -> None:
        self.directory = directory
        self._name = name
        self._custom = dict(custom)
        self._options = options
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
        """Add a topic, with the QoS profiles of its publishers."""
        encoding = 'ros2idl' if definition.text.startswith('=' * 80 + '\nIDL:') else 'ros2msg'
        schema = Schema(definition.name, encoding, definition.text)
        metadata = {PROFILES: qos.dumped(profiles), TYPE_HASH: definition.hash}
        self._topics[topic] = schema, metadata
        self._channels[topic] = self._file.add_channel(topic, schema, metadata)

    def write(self, topic: str, data: bytes | memoryview, stamp: int) -> None:
        """Write a message of a topic that was added.

        :param data: serialised (CDR).
        :param stamp: bag time, ns.
        :raises OSError: if writing fails; the message is then not written, and the pending chunk
            is still pending.
        """
        if self._is_full(stamp):
            self._end_file()
            self._begin_file()
        self._first = stamp if self._first is None else self._first
        self._file.write(self._channels[topic], stamp, data)

    def flush(self) -> None:
        """Write the pending chunk.

        :raises OSError: if writing fails; the chunk is then still pending.
        """
        self._file.flush()

    def discard_pending(self) -> dict[str, int]:
        """Discard the pending chunk; return the number of its messages of each topic."""
        names = {number: topic for topic, number in self._channels.items()}
        lost = dict.fromkeys(self._channels, 0)
        for channel, _, _ in self._file.pending_messages:
            lost[names[channel]] += 1
        self._file.discard_pending()
        return lost

    def close(self, custom: Mapping[str, str]) -> None:
        """End the last file and write metadata.yaml.

        :raises OSError: if writing fails; `recover` restores the bag.
        """
        if self._is_open:
            self._end_file()
        write_metadata(self.directory, self._finished, {**self._custom, **custom})

    def abandon(self) -> None:
        """Close the file and leave the bag incomplete."""
        self._file.abandon()

    def remove(self) -> None:
        """Remove the bag."""
        self.abandon()
        shutil.rmtree(self.directory)

    def _is_full(self, stamp: int) -> bool:
        if self._first is None:
            return False
        size, duration = self._options.max_file_size, self._options.max_file_duration
        written = self._file.size + self._file.pending_size
        return 0 < size <= written or 0 < duration <= stamp - self._first

    def _begin_file(self) -> None:
        self._is_open = False
        path = self.directory / f'{self._name}_{len(self._finished)}.mcap'
        self._file = McapWriter(path, self._options.compression)
        self._first = None
        if self._custom:
            self._file.add_metadata(CUSTOM_DATA, self._custom)
        self._channels = {
            topic: self._file.add_channel(topic, *description)
            for topic, description in self._topics.items()
        }
        self._is_open = True

    def _end_file(self) -> None:
        self._file.close()
        self._finished.append(BagFile(self._file.path.name, self._file.summary))
        self._finished_size += self._file.size
        self._is_open = False
