# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The summary at the end of an MCAP file, which spares readers a search through the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
import struct
from zlib import crc32

from dcat_ros.bags.mcap.records import (
    Channel,
    INDEX_ENTRY,
    MAGIC,
    Op,
    PREFIX,
    record,
    Schema,
    sized,
    string,
)

NEVER = 2**63 - 1
INDEX_OVERHEAD = PREFIX.size + 6  # bytes of a message index without its entries


@dataclass
class Statistics:
    """The number of messages, and the times (ns) of the first and the last one."""

    count: int = 0
    start: int = NEVER
    end: int = 0

    def add(self, count: int, start: int, end: int) -> None:
        """Add so many messages between two times."""
        self.count += count
        self.start = min(self.start, start)
        self.end = max(self.end, end)


@dataclass(frozen=True)
class Chunk:
    """A chunk in a file: offsets and sizes in bytes, times in ns.

    ``entries`` holds the packed index entries of each channel.
    """

    offset: int
    length: int
    start: int
    end: int
    compression: str
    compressed_size: int
    size: int
    entries: dict[int, bytes]

    @classmethod
    def from_messages(
        cls, offset: int, length: int, compression: str, compressed_size: int, size: int,
        messages: Sequence[tuple[int, int, int]],
    ) -> Chunk:
        """Return a chunk, given channel, time and offset of each message in it."""
        entries: dict[int, bytearray] = {}
        for channel, stamp, position in messages:
            entries.setdefault(channel, bytearray()).extend(INDEX_ENTRY.pack(stamp, position))
        stamps = [stamp for _, stamp, _ in messages]
        packed = {channel: bytes(data) for channel, data in entries.items()}
        return cls(
            offset, length, min(stamps, default=0), max(stamps, default=0), compression,
            compressed_size, size, packed,
        )

    def message_indexes(self) -> bytes:
        """Return the index records that follow the chunk."""
        return b''.join(
            record(Op.MESSAGE_INDEX, struct.pack('<HI', channel, len(entries)), entries)
            for channel, entries in self.entries.items()
        )

    def index_record(self, index_sizes: Sequence[tuple[int, int]]) -> bytes:
        """Return the chunk's index record for the summary.

        :param index_sizes: channel and size of each message index after the chunk, in their order.
        """
        first = offset = self.offset + self.length
        offsets = []
        for channel, size in index_sizes:
            offsets.append(struct.pack('<HQ', channel, offset))
            offset += size
        return record(
            Op.CHUNK_INDEX,
            struct.pack('<QQQQ', self.start, self.end, self.offset, self.length),
            sized(offsets),
            struct.pack('<Q', offset - first),
            string(self.compression),
            struct.pack('<QQ', self.compressed_size, self.size),
        )


@dataclass
class Summary:
    """Schemas and channels by number, index records of the chunks, and counts of messages.

    ``counts`` holds the number of messages of each channel, ``metadata`` offset, length and name
    of each metadata record.
    """

    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    metadata: list[tuple[int, int, str]] = field(default_factory=list)
    statistics: Statistics = field(default_factory=Statistics)
    counts: dict[int, int] = field(default_factory=dict)

    def add_chunk(
        self, chunk: Chunk, index_sizes: Sequence[tuple[int, int]] | None = None
    ) -> None:
        """Add a chunk that is complete in the file.

        :param index_sizes: channel and size of each message index after the chunk; None for those
            of :meth:`Chunk.message_indexes`.
        """
        if index_sizes is None:
            index_sizes = [
                (channel, INDEX_OVERHEAD + len(data)) for channel, data in chunk.entries.items()
            ]
        self.chunks.append(chunk.index_record(index_sizes))
        for channel, entries in chunk.entries.items():
            self.add_messages(channel, len(entries) // INDEX_ENTRY.size, chunk.start, chunk.end)

    def add_messages(self, channel: int, count: int, start: int, end: int) -> None:
        """Count messages of a channel between two times (ns)."""
        self.statistics.add(count, start, end)
        self.counts[channel] = self.counts.get(channel, 0) + count

    def file_end(self, offset: int) -> bytes:
        """Return everything that follows the last chunk, which ends at `offset`."""
        data_end = record(Op.DATA_END, struct.pack('<I', 0))
        start = offset + len(data_end)
        groups = [
            (Op.SCHEMA, [schema.record(number) for number, schema in self.schemas.items()]),
            (Op.CHANNEL, [channel.record(number) for number, channel in self.channels.items()]),
            (Op.STATISTICS, [self._statistics_record()]),
            (Op.CHUNK_INDEX, self.chunks),
            (Op.METADATA_INDEX, [
                record(Op.METADATA_INDEX, struct.pack('<QQ', at, length), string(name))
                for at, length, name in self.metadata
            ]),
        ]
        body, offsets = bytearray(), bytearray()
        for op, members in groups:
            if members:
                group = b''.join(members)
                place = struct.pack('<BQQ', op, start + len(body), len(group))
                offsets += record(Op.SUMMARY_OFFSET, place)
                body += group
        footer = record(Op.FOOTER, struct.pack('<QQI', start, start + len(body), 0))[:-4]
        checksum = struct.pack('<I', crc32(bytes(body + offsets) + footer))
        return b''.join([data_end, body, offsets, footer, checksum, MAGIC])

    def _statistics_record(self) -> bytes:
        total = self.statistics
        return record(
            Op.STATISTICS,
            struct.pack(
                '<QHIIIIQQ', total.count, len(self.schemas), len(self.channels), 0,
                len(self.metadata), len(self.chunks), total.start if total.count else 0, total.end,
            ),
            sized(
                struct.pack('<HQ', channel, self.counts.get(channel, 0))
                for channel in self.channels
            ),
        )
