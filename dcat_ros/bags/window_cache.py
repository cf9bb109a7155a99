# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A cache of the windows of many bags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
import os
from pathlib import Path

from dcat_ros.bags.cache_entry import CachedWindows, CacheEntry
from dcat_ros.bags.process_pool import process_pool
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.windows import InputSpec
from dcat_ros.modalities.base import NANOSECONDS

SECONDS_PER_PROCESS = 600
"""Seconds of recording that justify another process, which takes seconds to start."""


def cached_windows(
    bags: Sequence[Path],
    inputs: InputSpec,
    directory: Path,
    *,
    labelled: bool = False,
    advance: Callable[[Path], None] = lambda bag: None,
) -> list[CachedWindows]:
    """Return the windows of one sensor of each bag, from the cache where that is up to date.

    An entry is valid as long as the bag's data, metadata.yaml and labels.csv, the settings of
    modality and window, and the code that reads them stay the same; reports in the bag's
    directory do not matter. Entries that are out of date or damaged are replaced. Several
    processes share this work if the bags are long.

    :param directory: the cache, created if necessary. It may be deleted at any time.
    :param labelled: whether to leave out windows without label.
    :param advance: called with each bag when its windows are there.
    :raises BagError: naming the bag that could not be read; entries built before stay.
    """
    directory.mkdir(parents=True, exist_ok=True)
    entries = [CacheEntry(directory, bag, inputs, labelled) for bag in bags]
    missing = []
    for entry in entries:
        if entry.open():
            advance(entry.bag)
        else:
            missing.append(entry)
    workers = min(len(missing), _process_count(missing))
    if workers > 1:
        _build_in_processes(missing, workers, advance)
    else:
        for entry in missing:
            _build(entry)
            advance(entry.bag)
    return [_opened(entry) for entry in entries]


def _process_count(entries: Sequence[CacheEntry]) -> int:
    """Return the number of processes, one for each `SECONDS_PER_PROCESS` of recording."""
    duration = 0
    for entry in entries:
        with suppress(BagError), BagReader(entry.bag) as reader:  # _build reports the error
            duration += reader.end - reader.start
    return min(os.cpu_count() or 1, 1 + duration // (SECONDS_PER_PROCESS * NANOSECONDS))


def _build(entry: CacheEntry) -> None:
    """Build one entry.

    :raises BagError: naming the bag, whatever goes wrong.
    """
    try:
        entry.build()
    except BagError:
        raise
    except Exception as error:
        raise BagError(
            f'windows of {entry.bag} cannot be cached in {entry.directory}: {error}'
        ) from error


def _build_in_processes(
    entries: Sequence[CacheEntry], workers: int, advance: Callable[[Path], None]
) -> None:
    with process_pool(workers) as pool:
        bags = {pool.submit(_build, entry): entry.bag for entry in entries}
        try:
            for done in as_completed(bags):
                done.result()
                advance(bags[done])
        except BrokenProcessPool as error:
            raise BagError(
                f'a process died while it read {bags[done]} or another bag, maybe for lack of '
                'memory: run the command again; finished bags are cached'
            ) from error
        except BagError:
            pool.shutdown(cancel_futures=True)  # entries that are being built are finished
            raise


def _opened(entry: CacheEntry) -> CachedWindows:
    windows = entry.open()
    if windows is None:
        raise BagError(f'{entry.bag}, or dcat_ros itself, changed while it was read: try again')
    return windows
