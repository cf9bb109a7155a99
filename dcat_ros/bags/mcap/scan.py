# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Find what is whole in an MCAP file, however it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
import os
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from backports.zstd import decompress, ZstdError  # these two come with rosbags
from dcat_ros.bags.mcap.records import (
    Cursor,
    MAGIC,
    MESSAGE_OVERHEAD,
    Op,
    PREFIX,
    read_channel,
    read_schema,
    records,
)
from dcat_ros.bags.mcap.summary import Chunk, chunk_of, Summary
from lz4.frame import decompress as lz4_decompress

OF_DATA = (
    Op.SCHEMA, Op.CHANNEL, Op.MESSAGE, Op.CHUNK, Op.MESSAGE_INDEX, Op.METADATA, Op.DATA_END
)
FOOTER_SIZE = PREFIX.size + 20
DECOMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    'zstd': decompress, 'lz4': lz4_decompress,
}


class NotMcapError(ValueError):
    """A file that does not begin as an MCAP file."""


@dataclass
class Scan:
    """What was found.

    :param summary: of all that is whole.
    :param metadata: the metadata records by name.
    :param end: offset in bytes behind the last whole chunk, message or description.
    :param open_chunk: the chunk that ends there; the indexes behind it may be cut short, and the
        summary does not have it yet.
    :param torn: why the file is not complete, '' where it is.
    :param closed: whether the file was complete once: what is torn was not cut short, but damaged.
    """

    summary: Summary = field(default_factory=Summary)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)
    end: int = len(MAGIC)
    open_chunk: Chunk | None = None
    torn: str = ''
    closed: bool = False


def scan(path: Path, advance: Callable[[int], object] = lambda size: None) -> Scan:
    """Read a file from its beginning, checking each chunk, up to its ending or its first fault.

    :param advance: called with the size in bytes of each record read.
    :raises NotMcapError: when the file does not begin as an MCAP file.
    :raises OSError: when the file cannot be read.
    """
    with path.open('rb') as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise NotMcapError(f'{path} does not begin as an MCAP file')
        reader = _Reader(file)
        try:
            while (size := reader.step()):
                advance(size)
        except (ValueError, ZstdError, RuntimeError, EOFError) as error:
            reader.found.torn = f'{error} at byte {reader.offset}'
            reader.found.closed = reader.has_ending()
    return reader.found


class _Reader:
    """A position in the file, and what was found up to it."""

    def __init__(self, file: BinaryIO) -> None:
        self.found = Scan()
        self.offset = len(MAGIC)
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self._indexes: list[tuple[int, int, bytes]] = []

    def has_ending(self) -> bool:
        """Tell whether the file ends as a complete one."""
        self._file.seek(-len(MAGIC), os.SEEK_END)
        return self._file.read() == MAGIC

    def step(self) -> int:
        """Take one record; return its size in the file, 0 when the file ended as it should.

        :raises ValueError: when there is no whole record.
        """
        head = self._file.read(PREFIX.size)
        if len(head) < PREFIX.size:
            raise ValueError('the file ends')
        op, length = PREFIX.unpack(head)
        if op not in OF_DATA and (op != Op.HEADER or self.offset > len(MAGIC)):
            raise ValueError(f'there is no record of kind {op}')
        if length > self._size - self.offset - PREFIX.size:
            raise ValueError('a record is cut short')
        content = self._file.read(length)
        size = PREFIX.size + length
        if op == Op.MESSAGE_INDEX:
            cursor = Cursor(content)
            channel, length = cursor.unpack('HI')
            self._indexes.append((channel, size, bytes(cursor.take(length))))
            if cursor:
                raise ValueError('an index is longer than it says')
        else:
            self._close_chunk()
            if op == Op.DATA_END:
                self._check_ending(self._file.read())
                return 0
            self._take(op, content)
            self.found.end = self.offset + size
        self.offset += size
        return size

    def _close_chunk(self) -> None:
        chunk = self.found.open_chunk
        if chunk is not None:
            said = {channel: entries for channel, _, entries in self._indexes if entries}
            if said != chunk.entries:
                raise ValueError('the indexes do not match the chunk before them')
            self.found.summary.add_chunk(
                chunk, [(channel, size) for channel, size, _ in self._indexes]
            )
            self.found.end = self.offset
        self.found.open_chunk, self._indexes = None, []

    def _take(self, op: int, content: bytes) -> None:
        found = self.found
        if op == Op.CHUNK:
            found.open_chunk = self._chunk(content)
        elif op == Op.METADATA:
            cursor = Cursor(content)
            name = cursor.string()
            found.metadata[name] = cursor.mapping()
            found.summary.metadata.append((self.offset, PREFIX.size + len(content), name))
        elif op == Op.MESSAGE:
            channel, stamp = _message(memoryview(content))
            if channel not in found.summary.channels:
                raise ValueError(f'a message is of the unknown channel {channel}')
            found.summary.add_message(channel, stamp)
        else:
            self._describe(op, memoryview(content))

    def _describe(self, op: int, content: memoryview) -> None:
        if op == Op.SCHEMA:
            number, schema = read_schema(content)
            self.found.summary.schemas[number] = schema
        elif op == Op.CHANNEL:
            number, channel = read_channel(content)
            self.found.summary.channels[number] = channel

    def _chunk(self, content: bytes) -> Chunk:
        cursor = Cursor(content)
        start, end, size, checksum = cursor.unpack('QQQI')
        compression = cursor.string()
        stored, = cursor.unpack('Q')
        if compression and compression not in DECOMPRESSORS:
            raise ValueError(f'a chunk has the unknown compression {compression}')
        packed = cursor.take(stored)
        inside = DECOMPRESSORS[compression](bytes(packed)) if compression else packed
        if len(inside) != size or (checksum and crc32(inside) != checksum):
            raise ValueError('a chunk does not match its checksum')
        messages = []
        described = []
        for offset, op, part in records(inside):
            if op == Op.MESSAGE:
                messages.append((*_message(part), offset))
            else:
                described.append((op, part))
        for op, part in described:
            self._describe(op, part)
        chunk = chunk_of(
            self.offset, PREFIX.size + len(content), compression, stored, size, messages
        )
        if messages and (start, end) != (chunk.start, chunk.end):
            raise ValueError('a chunk does not span the times that it says')
        return chunk

    def _check_ending(self, rest: bytes) -> None:
        """Check what follows the data: summary, footer and magic."""
        start = self._file.tell() - len(rest)
        footer = rest[-FOOTER_SIZE - len(MAGIC):-len(MAGIC)]
        if not rest.endswith(MAGIC) or len(footer) < FOOTER_SIZE or footer[0] != Op.FOOTER:
            raise ValueError('the summary is cut short')
        _, _, summary, _, checksum = Cursor(footer).unpack('BQQQI')
        if summary and summary != start:
            raise ValueError('the summary is not where it should be')
        if summary and checksum:
            checked = rest[summary - start:-len(MAGIC) - 4]
            if crc32(checked) != checksum:
                raise ValueError('the summary does not match its checksum')


def _message(content: memoryview) -> tuple[int, int]:
    """Return channel and log time (ns) of a message record."""
    if len(content) < MESSAGE_OVERHEAD:
        raise ValueError('a message is too short')
    channel, _, stamp = Cursor(content).unpack('HIQ')
    return channel, stamp
