# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The records of an MCAP file as bytes."""

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
    """What a record is."""

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


class Schema(NamedTuple):
    """A message type: its name (``sensor_msgs/msg/Imu``), ``ros2msg`` or ``ros2idl``, its text."""

    name: str
    encoding: str
    text: str


class Channel(NamedTuple):
    """A topic, the number of its schema, and what else is said of it."""

    topic: str
    schema: int
    encoding: str
    metadata: Mapping[str, str]


def record(op: Op, *parts: bytes) -> bytes:
    """Return a record with the parts as its content."""
    content = b''.join(parts)
    return PREFIX.pack(op, len(content)) + content


def string(text: str) -> bytes:
    """Return a string with its length before it."""
    data = text.encode()
    return struct.pack('<I', len(data)) + data


def mapping(items: Mapping[str, str]) -> bytes:
    """Return a map of strings with its length before it."""
    data = b''.join(string(part) for item in items.items() for part in item)
    return struct.pack('<I', len(data)) + data


def counted(entries: Iterable[bytes]) -> bytes:
    """Return entries with their length before them."""
    data = b''.join(entries)
    return struct.pack('<I', len(data)) + data


def schema_record(number: int, schema: Schema) -> bytes:
    """Return the record of a schema."""
    return record(
        Op.SCHEMA, struct.pack('<H', number), string(schema.name), string(schema.encoding),
        string(schema.text),
    )


def channel_record(number: int, channel: Channel) -> bytes:
    """Return the record of a channel."""
    return record(
        Op.CHANNEL, struct.pack('<HH', number, channel.schema), string(channel.topic),
        string(channel.encoding), mapping(channel.metadata),
    )


def metadata_record(name: str, items: Mapping[str, str]) -> bytes:
    """Return the record of some metadata."""
    return record(Op.METADATA, string(name), mapping(items))


class Cursor:
    """Takes values off the front of a record's content.

    :raises ValueError: from each method, if the content ends before the value does or a text is
        no UTF-8.
    """

    def __init__(self, content: bytes | memoryview) -> None:
        self._rest = memoryview(content)

    def take(self, size: int) -> memoryview:
        """Return so many bytes."""
        if size > len(self._rest):
            raise ValueError(f'{len(self._rest)} bytes where {size} are needed')
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def unpack(self, layout: str) -> tuple:
        """Return numbers in the layout of `struct`, little-endian."""
        packed = struct.Struct(f'<{layout}')
        return packed.unpack(self.take(packed.size))

    def string(self) -> str:
        """Return a string."""
        return str(self.take(*self.unpack('I')), 'utf-8')

    def mapping(self) -> dict[str, str]:
        """Return a map of strings."""
        inside = Cursor(self.take(*self.unpack('I')))
        items = {}
        while inside:
            key = inside.string()
            items[key] = inside.string()
        return items

    def __len__(self) -> int:
        return len(self._rest)


def records(content: bytes | memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield offset, kind and content of each record in a chunk.

    :raises ValueError: if the last record is cut short.
    """
    rest = Cursor(content)
    while rest:
        offset = len(content) - len(rest)
        op, size = rest.unpack('BQ')
        yield offset, op, rest.take(size)


def read_schema(content: memoryview) -> tuple[int, Schema]:
    """Return a schema and its number."""
    cursor = Cursor(content)
    number, = cursor.unpack('H')
    return number, Schema(cursor.string(), cursor.string(), cursor.string())


def read_channel(content: memoryview) -> tuple[int, Channel]:
    """Return a channel and its number."""
    cursor = Cursor(content)
    number, schema = cursor.unpack('HH')
    return number, Channel(cursor.string(), schema, cursor.string(), cursor.mapping())
