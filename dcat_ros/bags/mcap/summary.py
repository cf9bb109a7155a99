# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What stands at the end of an MCAP file, so that readers need not search it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
import struct
from zlib import crc32

from dcat_ros.bags.mcap.records import (
    Channel,
    channel_record,
    counted,
    INDEX_ENTRY,
    MAGIC,
    Op,
    record,
    Schema,
    schema_record,
    string,
)

NEVER = 2**63 - 1


@dataclass
class Extent:
    """How many messages there are, and between which times (ns)."""

    count: int = 0
    start: int = NEVER
    end: int = 0

    def add(self, stamp: int) -> None:
        """Take one more message."""
        self.count += 1
        self.start = min(self.start, stamp)
        self.end = max(self.end, stamp)


@dataclass(frozen=True)
class Chunk:
    """A chunk as it stands in the file: offsets and sizes in bytes, times in ns.

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

    def message_indexes(self) -> list[tuple[int, bytes]]:
        """Return channel and record of each index that belongs behind the chunk."""
        return [
            (channel, record(Op.MESSAGE_INDEX, struct.pack('<HI', channel, len(entries)), entries))
            for channel, entries in self.entries.items()
        ]

    def index(self, lengths: Sequence[tuple[int, int]]) -> bytes:
        """Return the record that stands for the chunk in the summary.

        :param lengths: channel and size of each message index behind the chunk, in their order.
        """
        behind = offset = self.offset + self.length
        offsets = []
        for channel, length in lengths:
            offsets.append(struct.pack('<HQ', channel, offset))
            offset += length
        return record(
            Op.CHUNK_INDEX,
            struct.pack('<QQQQ', self.start, self.end, self.offset, self.length),
            counted(offsets),
            struct.pack('<Q', offset - behind),
            string(self.compression),
            struct.pack('<QQ', self.compressed_size, self.size),
        )


def chunk_of(
    offset: int, length: int, compression: str, compressed_size: int, size: int,
    messages: Sequence[tuple[int, int, int]],
) -> Chunk:
    """Return a chunk from channel, time and offset of each message in it."""
    extent = Extent()
    entries: dict[int, bytearray] = {}
    for channel, stamp, position in messages:
        extent.add(stamp)
        entries.setdefault(channel, bytearray()).extend(INDEX_ENTRY.pack(stamp, position))
    start = extent.start if messages else 0
    packed = {channel: bytes(data) for channel, data in entries.items()}
    return Chunk(offset, length, start, extent.end, compression, compressed_size, size, packed)


@dataclass
class Summary:
    """Schemas and channels by number, the chunks' index records, and what was counted.

    ``metadata`` holds offset, length and name of each metadata record.
    """

    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    chunks: list[bytes] = field(default_factory=list)
    metadata: list[tuple[int, int, str]] = field(default_factory=list)
    extent: Extent = field(default_factory=Extent)
    counts: dict[int, int] = field(default_factory=dict)

    def add_chunk(self, chunk: Chunk, indexes: Sequence[tuple[int, int]]) -> None:
        """Take a chunk that is whole in the file, and channel and size of each index behind it."""
        self.chunks.append(chunk.index(indexes))
        for channel, entries in chunk.entries.items():
            number = len(entries) // INDEX_ENTRY.size
            self.extent.count += number
            self.counts[channel] = self.counts.get(channel, 0) + number
        if chunk.entries:
            self.extent.start = min(self.extent.start, chunk.start)
            self.extent.end = max(self.extent.end, chunk.end)

    def add_message(self, channel: int, stamp: int) -> None:
        """Take a message that stands outside of chunks."""
        self.extent.add(stamp)
        self.counts[channel] = self.counts.get(channel, 0) + 1

    def ending(self, offset: int) -> bytes:
        """Return all that follows the last chunk, which ends at `offset`."""
        data_end = record(Op.DATA_END, struct.pack('<I', 0))
        start = offset + len(data_end)
        groups = [
            (Op.SCHEMA, [schema_record(*item) for item in self.schemas.items()]),
            (Op.CHANNEL, [channel_record(*item) for item in self.channels.items()]),
            (Op.STATISTICS, [self._statistics()]),
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
                where = struct.pack('<BQQ', op, start + len(body), len(group))
                offsets += record(Op.SUMMARY_OFFSET, where)
                body += group
        footer = record(Op.FOOTER, struct.pack('<QQI', start, start + len(body), 0))
        checked = crc32(bytes(body + offsets) + footer[:-4])
        return b''.join([
            data_end, body, offsets, footer[:-4], struct.pack('<I', checked), MAGIC
        ])

    def _statistics(self) -> bytes:
        counts = [
            struct.pack('<HQ', channel, self.counts.get(channel, 0)) for channel in self.channels
        ]
        return record(
            Op.STATISTICS,
            struct.pack(
                '<QHIIIIQQ', self.extent.count, len(self.schemas), len(self.channels), 0,
                len(self.metadata), len(self.chunks),
                self.extent.start if self.extent.count else 0, self.extent.end,
            ),
            counted(counts),
        )
