# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Find the undamaged part of an MCAP file, however it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
import os
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from backports.zstd import decompress, ZstdError  # a dependency of rosbags, as lz4 is
from dcat_ros.bags.mcap.records import (
    Channel,
    Decoder,
    MAGIC,
    MESSAGE_OVERHEAD,
    Op,
    PREFIX,
    records,
    Schema,
)
from dcat_ros.bags.mcap.summary import Chunk, Summary
from lz4.frame import decompress as lz4_decompress

DATA_OPS = (
    Op.SCHEMA, Op.CHANNEL, Op.MESSAGE, Op.CHUNK, Op.MESSAGE_INDEX, Op.METADATA, Op.DATA_END
)
FOOTER_SIZE = PREFIX.size + 20
DECOMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    'zstd': decompress, 'lz4': lz4_decompress,
}


class NotMcapError(ValueError):
    """The file does not begin as an MCAP file."""


@dataclass
class ScanResult:
    """The undamaged part of a file.

    :param summary: of that part.
    :param metadata: the metadata records by name.
    :param end: offset in bytes after the last whole record other than an index.
    :param open_chunk: the chunk that ends there, which the summary does not include yet, as its
        indexes may be cut short.
    :param fault: why the file is not complete, '' if it is.
    :param was_closed: whether the file was complete once, so that it is damaged, not cut short.
    """

    summary: Summary = field(default_factory=Summary)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)
    end: int = len(MAGIC)
    open_chunk: Chunk | None = None
    fault: str = ''
    was_closed: bool = False


def scan(path: Path, advance: Callable[[int], object] = lambda size: None) -> ScanResult:
    """Read and check a file from its beginning to its end or its first fault.

    :param advance: called with the size in bytes of each record read.
    :raises NotMcapError: if the file does not begin as an MCAP file.
    :raises OSError: if the file cannot be read.
    """
    with path.open('rb') as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise NotMcapError(f'{path} does not begin as an MCAP file')
        scanner = _Scanner(file)
        try:
            while (size := scanner.read_record()):
                advance(size)
        except (ValueError, ZstdError, RuntimeError, EOFError) as error:
            scanner.result.fault = f'{error} at byte {scanner.offset}'
            scanner.result.was_closed = scanner.ends_with_magic()
    return scanner.result


class _Scanner:
    """A position in the file, and the result up to there."""

    def __init__(self, file: BinaryIO) -> None:
        self.result = ScanResult()
        self.offset = len(MAGIC)
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self._indexes: list[tuple[int, int, bytes]] = []

    def ends_with_magic(self) -> bool:
        """Return whether the file ends like a complete one."""
        self._file.seek(-len(MAGIC), os.SEEK_END)
        return self._file.read() == MAGIC

    def read_record(self) -> int:
        """Read a record; return its size in the file, 0 at the end of a complete file.

        :raises ValueError: if there is no valid record.
        """
        head = self._file.read(PREFIX.size)
        if len(head) < PREFIX.size:
            raise ValueError('the file ends')
        op, length = PREFIX.unpack(head)
        if op not in DATA_OPS and (op != Op.HEADER or self.offset > len(MAGIC)):
            raise ValueError(f'there is no record of kind {op}')
        if length > self._size - self.offset - PREFIX.size:
            raise ValueError('a record is cut short')
        content = self._file.read(length)
        size = PREFIX.size + length
        if op == Op.MESSAGE_INDEX:
            decoder = Decoder(content)
            channel, length = decoder.numbers('HI')
            self._indexes.append((channel, size, bytes(decoder.raw(length))))
            if decoder:
                raise ValueError('an index is longer than its entries')
        else:
            self._close_chunk()
            if op == Op.DATA_END:
                self._check_end(self._file.read())
                return 0
            self._add(op, content)
            self.result.end = self.offset + size
        self.offset += size
        return size

    def _close_chunk(self) -> None:
        chunk = self.result.open_chunk
        if chunk is not None:
            indexed = {channel: entries for channel, _, entries in self._indexes if entries}
            if indexed != chunk.entries:
                raise ValueError('the indexes do not match the chunk before them')
            self.result.summary.add_chunk(
                chunk, [(channel, size) for channel, size, _ in self._indexes]
            )
            self.result.end = self.offset
        self.result.open_chunk, self._indexes = None, []

    def _add(self, op: int, content: bytes) -> None:
        result = self.result
        if op == Op.CHUNK:
            result.open_chunk = self._chunk(content)
        elif op == Op.METADATA:
            decoder = Decoder(content)
            name = decoder.string()
            result.metadata[name] = decoder.mapping()
            result.summary.metadata.append((self.offset, PREFIX.size + len(content), name))
        elif op == Op.MESSAGE:
            channel, stamp = _message(memoryview(content))
            if channel not in result.summary.channels:
                raise ValueError(f'a message is of the unknown channel {channel}')
            result.summary.add_messages(channel, 1, stamp, stamp)
        else:
            self._add_description(op, memoryview(content))

    def _add_description(self, op: int, content: memoryview) -> None:
        if op == Op.SCHEMA:
            number, schema = Schema.decode(content)
            self.result.summary.schemas[number] = schema
        elif op == Op.CHANNEL:
            number, channel = Channel.decode(content)
            self.result.summary.channels[number] = channel

    def _chunk(self, content: bytes) -> Chunk:
        decoder = Decoder(content)
        start, end, size, checksum = decoder.numbers('QQQI')
        compression = decoder.string()
        stored, = decoder.numbers('Q')
        if compression and compression not in DECOMPRESSORS:
            raise ValueError(f'a chunk has the unknown compression {compression}')
        packed = decoder.raw(stored)
        data = DECOMPRESSORS[compression](bytes(packed)) if compression else packed
        if len(data) != size or (checksum and crc32(data) != checksum):
            raise ValueError('a chunk does not match its checksum')
        messages = []
        descriptions = []
        for offset, op, part in records(data):
            if op == Op.MESSAGE:
                messages.append((*_message(part), offset))
            else:
                descriptions.append((op, part))
        for op, part in descriptions:
            self._add_description(op, part)
        chunk = Chunk.from_messages(
            self.offset, PREFIX.size + len(content), compression, stored, size, messages
        )
        if messages and (start, end) != (chunk.start, chunk.end):
            raise ValueError('a chunk does not span its stated times')
        return chunk

    def _check_end(self, rest: bytes) -> None:
        """Check what follows the data: summary, footer and magic."""
        start = self._file.tell() - len(rest)
        footer = rest[-FOOTER_SIZE - len(MAGIC):-len(MAGIC)]
        if not rest.endswith(MAGIC) or len(footer) < FOOTER_SIZE or footer[0] != Op.FOOTER:
            raise ValueError('the summary is cut short')
        _, _, summary, _, checksum = Decoder(footer).numbers('BQQQI')
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
    channel, _, stamp = Decoder(content).numbers('HIQ')
    return channel, stamp
