# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Restore bags whose recording was cut short."""

from __future__ import annotations

from collections.abc import Callable
import fcntl
import os
from pathlib import Path
import re
from typing import BinaryIO, NamedTuple

from dcat_ros.bags.mcap import NotMcapError, scan, ScanResult
from dcat_ros.bags.metadata import BagFile, METADATA, read_custom, write_metadata
from dcat_ros.bags.reader import BagError
from dcat_ros.bags.storage import CUSTOM_DATA, RESERVE

TORN = '.torn'


class Outcome(NamedTuple):
    """The result for one file.

    :param name: of the file.
    :param messages: number of messages in the file now.
    :param torn_bytes: size of the incomplete end, which was moved to `<name>.torn`.
    :param fault: what was wrong with the file, '' for nothing.
    """

    name: str
    messages: int
    torn_bytes: int
    fault: str


def mcap_files(bag: Path) -> list[Path]:
    """Return a bag's MCAP files in the order of their recording.

    :raises BagError: if there are none.
    """
    if not bag.is_dir():
        raise BagError(f'{bag} is not a directory: name the bag, not one of its files')
    files = sorted(bag.glob('*.mcap'), key=_position)
    if not files:
        remedy = ': restore SQLite bags with `ros2 bag reindex`' if [*bag.glob('*.db3')] else ''
        raise BagError(f'{bag} has no .mcap file{remedy}')
    return files


def recover(bag: Path, advance: Callable[[int], object] = lambda size: None) -> list[Outcome]:
    """Close each file after its last whole chunk, and rewrite metadata.yaml.

    Each chunk is checked. The incomplete end of a file is moved to `<file>.torn`. No other data
    are changed, and a second run changes nothing.

    :param advance: called with the number of bytes read.
    :raises BagError: if there is nothing to restore, a file is damaged before its end, or the bag
        is being recorded.
    :raises OSError: if a file cannot be read or written.
    """
    outcomes, files = [], []
    reserve = bag / RESERVE
    custom: dict[str, str] = {}
    for path in mcap_files(bag):
        with path.open('r+b') as file:
            _lock(file, bag)
            try:
                found = scan(path, advance)
            except NotMcapError as error:
                outcomes.append(Outcome(path.name, 0, path.stat().st_size, str(error)))
                path.rename(path.with_name(path.name + TORN))
                continue
            if found.was_closed:
                raise BagError(
                    f'{path}: {found.fault}; it was closed once, so its disk or a copy damaged '
                    'it: restore it from a copy, or see what `mcap recover` can save'
                )
            reserve.unlink(missing_ok=True)
            torn_bytes = _close(file, path, found) if found.fault else 0
        custom |= found.metadata.get(CUSTOM_DATA, {})
        files.append(BagFile(path.name, found.summary))
        count = found.summary.statistics.count
        outcomes.append(Outcome(path.name, count, torn_bytes, found.fault))
    if not any(outcome.messages for outcome in outcomes):
        raise BagError(f'{bag} has no complete chunk: there is nothing to restore')
    faults = [f'{outcome.name}: {outcome.fault}' for outcome in outcomes if outcome.fault]
    if faults or not (bag / METADATA).exists():
        ended = 'recovered' + (f' ({"; ".join(faults)})' if faults else '')
        write_metadata(bag, files, custom | read_custom(bag) | {'ended': ended})
    return outcomes


def _position(path: Path) -> tuple[int, str]:
    number = re.search(r'_(\d+)$', path.stem)
    return (int(number[1]) if number else 0, path.name)


def _lock(file: BinaryIO, bag: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BagError(f'{bag} is being recorded: stop the recorder first') from error


def _close(file: BinaryIO, path: Path, found: ScanResult) -> int:
    """Complete a file; return the size of its incomplete end, which goes to another file."""
    file.seek(found.end)
    tail = file.read()
    if tail:
        path.with_name(path.name + TORN).write_bytes(tail)
    indexes = b''
    if found.open_chunk is not None:
        indexes = found.open_chunk.message_indexes()
        found.summary.add_chunk(found.open_chunk)
    file.seek(found.end)
    file.truncate()
    file.write(indexes + found.summary.file_end(found.end + len(indexes)))
    file.flush()
    os.fsync(file.fileno())
    return len(tail)
