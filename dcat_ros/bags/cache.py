# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Windows of many bags, cut once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
import os
from pathlib import Path

from dcat_ros.bags.entry import CachedWindows, Entry
from dcat_ros.bags.processes import side_by_side
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.windows import View
from dcat_ros.modalities.base import NANOSECONDS

READER = 600
"""Seconds of recording that are worth a process of their own, which takes seconds to start."""


def cached(
    bags: Sequence[Path],
    view: View,
    directory: Path,
    *,
    labelled: bool = False,
    advance: Callable[[Path], None] = lambda bag: None,
) -> list[CachedWindows]:
    """Return the windows of one sensor of each bag, from the cache where that is up to date.

    An entry holds as long as the bag's data, metadata.yaml and labels.csv, the settings of
    modality and window, and the code that reads them stay the same; reports in the bag's
    directory do not matter. What is out of date or damaged is made anew in its place, where that
    is much by several processes side by side.

    :param directory: the cache; made if it is not there. It may be deleted at any time.
    :param labelled: whether to leave out windows without label.
    :param advance: called with each bag when its windows are there.
    :raises BagError: naming the bag that could not be read; what was made before is kept.
    """
    directory.mkdir(parents=True, exist_ok=True)
    entries = [Entry(directory, bag, view, labelled) for bag in bags]
    missing = []
    for entry in entries:
        if entry.open():
            advance(entry.bag)
        else:
            missing.append(entry)
    readers = min(len(missing), _readers(missing))
    if readers > 1:
        _build_side_by_side(missing, readers, advance)
    else:
        for entry in missing:
            _build(entry)
            advance(entry.bag)
    return [_opened(entry) for entry in entries]


def _readers(entries: Sequence[Entry]) -> int:
    """Return how many processes are to read, one for each `READER` of what was recorded."""
    recorded = 0
    for entry in entries:
        with suppress(BagError), BagReader(entry.bag) as reader:  # else its turn tells why
            recorded += reader.end - reader.start
    return min(os.cpu_count() or 1, 1 + recorded // (READER * NANOSECONDS))


def _build(entry: Entry) -> None:
    """Build one entry.

    :raises BagError: naming the bag, whatever goes wrong.
    """
    try:
        entry.build()
    except BagError:
        raise
    except Exception as error:
        raise BagError(
            f'windows of {entry.bag} cannot be kept in {entry.directory}: {error}'
        ) from error


def _build_side_by_side(
    entries: Sequence[Entry], workers: int, advance: Callable[[Path], None]
) -> None:
    with side_by_side(workers) as pool:
        waiting = {pool.submit(_build, entry): entry.bag for entry in entries}
        try:
            for done in as_completed(waiting):
                done.result()
                advance(waiting[done])
        except BrokenProcessPool as error:
            raise BagError(
                f'a process died while it read {waiting[done]} or a bag beside it, maybe for want '
                'of memory: run it again; what was read is kept'
            ) from error
        except BagError:
            pool.shutdown(cancel_futures=True)  # what has been begun is kept
            raise


def _opened(entry: Entry) -> CachedWindows:
    windows = entry.open()
    if windows is None:
        raise BagError(f'{entry.bag}, or dcat_ros itself, changed while it was read: try again')
    return windows
