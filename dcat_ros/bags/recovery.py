# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Restore a bag whose recording was cut short."""

from __future__ import annotations

from collections.abc import Callable
import fcntl
import os
from pathlib import Path
import re
from typing import BinaryIO, NamedTuple

from dcat_ros.bags.files import NOTE, RESERVE
from dcat_ros.bags.mcap import NotMcapError, Scan, scan
from dcat_ros.bags.metadata import BagFile, METADATA, read_custom, write_metadata
from dcat_ros.bags.reader import BagError

TORN = '.torn'


class Outcome(NamedTuple):
    """What became of one file.

    :param name: the file's name.
    :param messages: number of messages that it holds now.
    :param torn_bytes: size of the end that was no whole chunk and is kept in `<name>.torn`.
    :param fault: what was wrong with it, '' for nothing.
    """

    name: str
    messages: int
    torn_bytes: int
    fault: str


def mcap_files(bag: Path) -> list[Path]:
    """Return a bag's MCAP files in the order in which they were recorded.

    :raises BagError: when there are none.
    """
    if not bag.is_dir():
        raise BagError(f'{bag} is no directory: name the bag, not one of its files')
    files = sorted(bag.glob('*.mcap'), key=_position)
    if not files:
        remedy = ': restore SQLite bags with `ros2 bag reindex`' if [*bag.glob('*.db3')] else ''
        raise BagError(f'{bag} has no .mcap file{remedy}')
    return files


def recover(bag: Path, advance: Callable[[int], object] = lambda size: None) -> list[Outcome]:
    """Close each file behind its last whole chunk, and write metadata.yaml anew.

    Each chunk is checked. What stands behind the last whole one is moved to `<file>.torn`; nothing
    else of the data is changed, and a second run changes nothing.

    :param advance: called with the number of bytes read.
    :raises BagError: when there is nothing to restore, a file is damaged elsewhere than at its
        end, or the bag is being recorded.
    :raises OSError: when a file cannot be read or written.
    """
    outcomes, whole = [], []
    reserve = bag / RESERVE
    note: dict[str, str] = {}
    for path in mcap_files(bag):
        with path.open('r+b') as file:
            _lock(file, bag)
            try:
                found = scan(path, advance)
            except NotMcapError as error:
                outcomes.append(Outcome(path.name, 0, path.stat().st_size, str(error)))
                path.rename(path.with_name(path.name + TORN))
                continue
            if found.closed:
                raise BagError(
                    f'{path}: {found.torn}; it was closed once, so its disk or a copy damaged it: '
                    'restore it from a copy, or see what `mcap recover` can save'
                )
            reserve.unlink(missing_ok=True)
            torn_bytes = _close(file, path, found) if found.torn else 0
        note |= found.metadata.get(NOTE, {})
        whole.append(BagFile(path.name, found.summary))
        outcomes.append(
            Outcome(path.name, found.summary.extent.count, torn_bytes, found.torn)
        )
    if not any(file.summary.extent.count for file in whole):
        raise BagError(f'{bag} holds no whole chunk: there is nothing to restore')
    faults = [f'{outcome.name}: {outcome.fault}' for outcome in outcomes if outcome.fault]
    if faults or not (bag / METADATA).exists():
        ended = 'recovered' + (f' ({"; ".join(faults)})' if faults else '')
        write_metadata(bag, whole, note | read_custom(bag) | {'ended': ended})
    return outcomes


def _position(path: Path) -> tuple[int, str]:
    number = re.search(r'_(\d+)$', path.stem)
    return (int(number[1]) if number else 0, path.name)


def _lock(file: BinaryIO, bag: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BagError(f'{bag} is being recorded: stop the recorder first') from error


def _close(file: BinaryIO, path: Path, found: Scan) -> int:
    """Give a file its ending; return the size of the torn end, which is kept beside it."""
    file.seek(found.end)
    tail = file.read()
    if tail:
        path.with_name(path.name + TORN).write_bytes(tail)
    ending = []
    if found.open_chunk is not None:
        indexes = found.open_chunk.message_indexes()
        ending = [index for _, index in indexes]
        found.summary.add_chunk(
            found.open_chunk, [(channel, len(index)) for channel, index in indexes]
        )
    ending.append(found.summary.ending(found.end + sum(map(len, ending))))
    file.seek(found.end)
    file.truncate()
    file.write(b''.join(ending))
    file.flush()
    os.fsync(file.fileno())
    return len(tail)
