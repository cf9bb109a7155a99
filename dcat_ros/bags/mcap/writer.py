# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Write one MCAP file, chunk by chunk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import fcntl
import os
from pathlib import Path
from zlib import crc32

from backports.zstd import compress  # what rosbags brings along
from dcat_ros.bags.mcap.records import (
    Channel,
    channel_record,
    CHUNK,
    MAGIC,
    MESSAGE,
    MESSAGE_OVERHEAD,
    metadata_record,
    Op,
    PREFIX,
    record,
    Schema,
    schema_record,
    string,
)
from dcat_ros.bags.mcap.summary import chunk_of, Summary

CHUNK_SIZE = 4 * 2**20
MOST_PIECES = 1000  # below IOV_MAX


class McapWriter:
    """Collects messages into chunks and writes each chunk with one system call.

    What ended with a chunk is safe from the death of the process. The file is locked (`flock`)
    while it is open.

    :param path: the file, not there yet.
    :param compression: of chunks: '' or 'zstd'.
    :raises FileExistsError: when there is a file.
    """

    def __init__(self, path: Path, compression: str = '') -> None:
        self.path = path
        self.size = 0
        self.pending_size = 0
        self.summary = Summary()
        self._compression = compression
        self._begin_chunk()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._write([MAGIC, record(Op.HEADER, string('ros2'), string('dcat_ros'))])

    def add_metadata(self, name: str, items: Mapping[str, str]) -> None:
        """Write metadata at once, outside of chunks."""
        data = metadata_record(name, items)
        offset = self.size
        self._write([data])
        self.summary.metadata.append((offset, len(data), name))

    def add_channel(self, topic: str, schema: Schema, metadata: Mapping[str, str]) -> int:
        """Announce a topic whose messages are serialised as CDR; return its channel's number."""
        schemas, channels = self.summary.schemas, self.summary.channels
        known = [number for number, other in schemas.items() if other == schema]
        schema_number = known[0] if known else len(schemas) + 1
        if not known:
            schemas[schema_number] = schema
            self._append(schema_record(schema_number, schema))
        channel = Channel(topic, schema_number, 'cdr', metadata)
        number = len(channels) + 1
        channels[number] = channel
        self._append(channel_record(number, channel))
        return number

    def write(self, channel: int, stamp: int, data: bytes | memoryview) -> None:
        """Add a message to the pending chunk, having written that if it was large enough.

        :param stamp: log time, ns.
        :raises OSError: as of `flush`; the message is not added then.
        """
        if self.pending_size >= CHUNK_SIZE:
            self.flush()
        self._messages.append((channel, stamp, self.pending_size))
        size = MESSAGE_OVERHEAD + len(data)
        self._append(MESSAGE.pack(Op.MESSAGE, size, channel, 0, stamp, stamp), data)

    @property
    def pending_messages(self) -> Sequence[tuple[int, int, int]]:
        """Channel, time (ns) and offset of each message that no chunk in the file holds yet."""
        return self._messages

    def flush(self) -> None:
        """Write the pending chunk, if there is anything in it.

        :raises OSError: when the file system refuses; the file is then as before, the chunk still
            pending, and `flush` may be tried again.
        """
        if not self._pieces:
            return
        pieces, size = self._pieces, self.pending_size
        stored = size
        if self._compression:
            packed = compress(b''.join(pieces))
            pieces, stored = [packed], len(packed)
        kind = string(self._compression)
        content = CHUNK.size + len(kind) + 8 + stored
        chunk = chunk_of(
            self.size, PREFIX.size + content, self._compression, stored, size, self._messages
        )
        head = b''.join([
            PREFIX.pack(Op.CHUNK, content), CHUNK.pack(chunk.start, chunk.end, size, self._crc),
            kind, stored.to_bytes(8, 'little'),
        ])
        indexes = chunk.message_indexes()
        self._write([head, *pieces, *(index for _, index in indexes)])
        self.summary.add_chunk(chunk, [(which, len(index)) for which, index in indexes])
        self._begin_chunk()

    def close(self) -> None:
        """Write the pending chunk and the summary, and close the file.

        :raises OSError: when the file system refuses; `close` may be tried again.
        """
        self.flush()
        self._write([self.summary.ending(self.size)])
        self.abandon()

    def discard_pending(self) -> None:
        """Forget the messages that no chunk in the file holds yet."""
        self._begin_chunk()

    def abandon(self) -> None:
        """Close the file as it is."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _begin_chunk(self) -> None:
        self._pieces: list[bytes | memoryview] = []
        self._messages: list[tuple[int, int, int]] = []
        self.pending_size = self._crc = 0

    def _append(self, *pieces: bytes | memoryview) -> None:
        for piece in pieces:
            self._crc = crc32(piece, self._crc)
            self._pieces.append(piece)
            self.pending_size += len(piece)

    def _write(self, pieces: Sequence[bytes | memoryview]) -> None:
        """Append all pieces or none."""
        written = 0
        try:
            for first in range(0, len(pieces), MOST_PIECES):
                written += _write_all(self._file, pieces[first:first + MOST_PIECES])
        except OSError:
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
            raise
        self.size += written


def _write_all(file: int, pieces: Sequence[bytes | memoryview]) -> int:
    total = sum(map(len, pieces))
    done = os.writev(file, pieces)
    while done < total:
        rest, skip = [], done
        for piece in pieces:
            if skip < len(piece):
                rest.append(memoryview(piece)[skip:])
            skip = max(0, skip - len(piece))
        done += os.writev(file, rest)
    return total
