# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Write an MCAP file, chunk by chunk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import fcntl
import os
from pathlib import Path
from zlib import crc32

from backports.zstd import compress  # a dependency of rosbags
from dcat_ros.bags.mcap.records import (
    Channel,
    CHUNK,
    MAGIC,
    mapping,
    MESSAGE,
    MESSAGE_OVERHEAD,
    Op,
    PREFIX,
    record,
    Schema,
    string,
)
from dcat_ros.bags.mcap.summary import Chunk, Summary

CHUNK_SIZE = 4 * 2**20
MAX_PIECES = 1000  # below IOV_MAX


class McapWriter:
    """Collects messages into chunks and writes each chunk with one system call.

    Chunks that were written survive the end of the process. The file is locked (`flock`) while it
    is open.

    :param path: the new file.
    :param compression: of chunks: '' or 'zstd'.
    :raises FileExistsError: if the file exists.
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
        """Write metadata immediately, outside of chunks."""
        data = record(Op.METADATA, string(name), mapping(items))
        offset = self.size
        self._write([data])
        self.summary.metadata.append((offset, len(data), name))

    def add_channel(self, topic: str, schema: Schema, metadata: Mapping[str, str]) -> int:
        """Add a topic with messages in CDR; return the number of its channel."""
        schemas, channels = self.summary.schemas, self.summary.channels
        schema_number = next((n for n, known in schemas.items() if known == schema), 0)
        if not schema_number:
            schema_number = len(schemas) + 1
            schemas[schema_number] = schema
            self._append(schema.record(schema_number))
        channel = Channel(topic, schema_number, 'cdr', metadata)
        number = len(channels) + 1
        channels[number] = channel
        self._append(channel.record(number))
        return number

    def write(self, channel: int, stamp: int, data: bytes | memoryview) -> None:
        """Add a message to the pending chunk, after writing that chunk if it is full.

        :param stamp: log time, ns.
        :raises OSError: as of `flush`; the message is then not added.
        """
        if self.pending_size >= CHUNK_SIZE:
            self.flush()
        self._messages.append((channel, stamp, self.pending_size))
        size = MESSAGE_OVERHEAD + len(data)
        self._append(MESSAGE.pack(Op.MESSAGE, size, channel, 0, stamp, stamp), data)

    @property
    def pending_messages(self) -> Sequence[tuple[int, int, int]]:
        """Channel, time (ns) and offset of each message in the pending chunk."""
        return self._messages

    def flush(self) -> None:
        """Write the pending chunk unless it is empty.

        :raises OSError: if writing fails; the file is then as before, the chunk is still pending,
            and `flush` may be called again.
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
        chunk = Chunk.from_messages(
            self.size, PREFIX.size + content, self._compression, stored, size, self._messages
        )
        head = b''.join([
            PREFIX.pack(Op.CHUNK, content), CHUNK.pack(chunk.start, chunk.end, size, self._crc),
            kind, stored.to_bytes(8, 'little'),
        ])
        self._write([head, *pieces, chunk.message_indexes()])
        self.summary.add_chunk(chunk)
        self._begin_chunk()

    def close(self) -> None:
        """Write the pending chunk and the summary, and close the file.

        :raises OSError: if writing fails; `close` may be called again.
        """
        self.flush()
        self._write([self.summary.file_end(self.size)])
        self.abandon()

    def discard_pending(self) -> None:
        """Discard the pending chunk."""
        self._begin_chunk()

    def abandon(self) -> None:
        """Close the file without pending chunk and summary."""
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
            for first in range(0, len(pieces), MAX_PIECES):
                written += _write_all(self._file, pieces[first:first + MAX_PIECES])
        except OSError:
            os.ftruncate(self._file, self.size)
            os.lseek(self._file, self.size, os.SEEK_SET)
            raise
        self.size += written


def _write_all(file: int, pieces: Sequence[bytes | memoryview]) -> int:
    total = sum(map(len, pieces))
    done = os.writev(file, pieces)
    if done < total:  # interrupted, or the disk is nearly full
        rest = memoryview(b''.join(pieces))[done:]
        while rest:
            rest = rest[os.write(file, rest):]
    return total
