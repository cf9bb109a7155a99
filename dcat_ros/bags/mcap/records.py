# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Encode and decode the records of an MCAP file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
import struct
from typing import NamedTuple

MAGIC = b'\x89MCAP0\r\n'
PREFIX = struct.Struct('<BQ')
MESSAGE = struct.Struct('<BQHIQQ')
CHUNK = struct.Struct('<QQQI')
INDEX_ENTRY = struct.Struct('<QQ')
MESSAGE_OVERHEAD = MESSAGE.size - PREFIX.size


class Op(IntEnum):
    """Kind of a record."""

    HEADER = 0x01
    FOOTER = 0x02
    SCHEMA = 0x03
    CHANNEL = 0x04
    MESSAGE = 0x05
    CHUNK = 0x06
    MESSAGE_INDEX = 0x07
    CHUNK_INDEX = 0x08
    STATISTICS = 0x0B
    METADATA = 0x0C
    METADATA_INDEX = 0x0D
    SUMMARY_OFFSET = 0x0E
    DATA_END = 0x0F


def record(op: Op, *parts: bytes) -> bytes:
    """Return a record with the parts as its content."""
    content = b''.join(parts)
    return PREFIX.pack(op, len(content)) + content


def sized(parts: Iterable[bytes]) -> bytes:
    """Return parts after their total length (uint32)."""
    data = b''.join(parts)
    return struct.pack('<I', len(data)) + data


def string(text: str) -> bytes:
    """Return a string after its length."""
    return sized([text.encode()])


def mapping(items: Mapping[str, str]) -> bytes:
    """Return a map of strings after its length."""
    return sized(string(part) for item in items.items() for part in item)


class Decoder:
    """Decodes the content of a record from front to back.

    :raises ValueError: from each method, if the content ends before the value does or a text is
        not UTF-8.
    """

    def __init__(self, content: bytes | memoryview) -> None:
        self._rest = memoryview(content)

    def __len__(self) -> int:
        return len(self._rest)

    def raw(self, size: int) -> memoryview:
        """Return the next bytes."""
        if size > len(self._rest):
            raise ValueError(f'{len(self._rest)} bytes where {size} are needed')
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def numbers(self, layout: str) -> tuple:
        """Return numbers in a layout of `struct`, little-endian."""
        packed = struct.Struct(f'<{layout}')
        return packed.unpack(self.raw(packed.size))

    def string(self) -> str:
        """Return a string."""
        return str(self.raw(*self.numbers('I')), 'utf-8')

    def mapping(self) -> dict[str, str]:
        """Return a map of strings."""
        inner = Decoder(self.raw(*self.numbers('I')))
        items = {}
        while inner:
            key = inner.string()
            items[key] = inner.string()
        return items


class Schema(NamedTuple):
    """A message type: its name (``sensor_msgs/msg/Imu``), ``ros2msg`` or ``ros2idl``, its text."""

    name: str
    encoding: str
    text: str

    def record(self, number: int) -> bytes:
        """Return the record of the schema."""
        return record(Op.SCHEMA, struct.pack('<H', number), *map(string, self))

    @classmethod
    def decode(cls, content: memoryview) -> tuple[int, Schema]:
        """Return number and schema of a record."""
        decoder = Decoder(content)
        number, = decoder.numbers('H')
        return number, cls(decoder.string(), decoder.string(), decoder.string())


class Channel(NamedTuple):
    """A topic, the number of its schema, the encoding of its messages, and metadata."""

    topic: str
    schema: int
    encoding: str
    metadata: Mapping[str, str]

    def record(self, number: int) -> bytes:
        """Return the record of the channel."""
        return record(
            Op.CHANNEL, struct.pack('<HH', number, self.schema), string(self.topic),
            string(self.encoding), mapping(self.metadata),
        )

    @classmethod
    def decode(cls, content: memoryview) -> tuple[int, Channel]:
        """Return number and channel of a record."""
        decoder = Decoder(content)
        number, schema = decoder.numbers('HH')
        return number, cls(decoder.string(), schema, decoder.string(), decoder.mapping())


def records(content: bytes | memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield offset, kind and content of each record in a chunk.

    :raises ValueError: if the last record is cut short.
    """
    decoder = Decoder(content)
    while decoder:
        offset = len(content) - len(decoder)
        op, size = decoder.numbers('BQ')
        yield offset, op, decoder.raw(size)
