# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One bag's windows on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
import fcntl
import hashlib
import json
from pathlib import Path
import shutil
from typing import Any

from dcat_ros.bags.identity import CODE, state_of
from dcat_ros.bags.npy import RowWriter
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.windows import BagWindow, View, WindowReader
import numpy as np
from numpy.typing import NDArray

RECORD, INPUTS, INDEX = 'entry.json', 'inputs.npy', 'index.npy'
COLUMNS = [
    ('start', '<i8'), ('end', '<i8'), ('arrival', '<i8'), ('label', '<i4'), ('group', '<i4'),
]


class CachedWindows:
    """The windows of one sensor of a bag, as :func:`dcat_ros.bags.windows.windows` yields them.

    ``inputs`` (n, ...) float32 is mapped into memory, not read. ``starts``, ``ends`` and
    ``arrivals`` are int64 (n,) in ns, ``labels`` and ``groups`` str (n,). ``refused`` is the
    number of messages that could not be decoded, ``reason`` why for the first of them.

    :param path: the entry's directory.
    :raises OSError, ValueError, KeyError, TypeError: if it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        record = json.loads((path / RECORD).read_text(encoding='utf-8'))
        for name, state in record['files'].items():
            if _state(path / name) != state:
                raise ValueError(f'{path / name} is not as it was written')
        self.key: str = record['key']
        self.bag = Path(record['bag'])
        self.refused: int = record['refused']
        self.reason: str = record['reason']
        self.inputs: NDArray[np.float32] = np.load(path / INPUTS, mmap_mode='r')
        index = np.load(path / INDEX)
        self.starts: NDArray[np.int64] = index['start']
        self.ends: NDArray[np.int64] = index['end']
        self.arrivals: NDArray[np.int64] = index['arrival']
        self.labels: NDArray[np.str_] = np.array(record['labels'], np.str_)[index['label']]
        self.groups: NDArray[np.str_] = np.array(record['groups'], np.str_)[index['group']]

    def __reduce__(self) -> tuple[type[CachedWindows], tuple[Path]]:
        return CachedWindows, (self.path,)

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, row: int) -> BagWindow:
        return BagWindow(
            int(self.starts[row]),
            int(self.ends[row]),
            int(self.arrivals[row]),
            self.inputs[row],
            str(self.labels[row]),
            str(self.groups[row]),
        )

    def __iter__(self) -> Iterator[BagWindow]:
        return (self[row] for row in range(len(self)))


@dataclass(frozen=True)
class Entry:
    """The place of one sensor's windows of one bag in a cache.

    :param directory: the cache.
    :param labelled: whether windows without label are left out.
    """

    directory: Path
    bag: Path
    view: View
    labelled: bool

    @property
    def purpose(self) -> dict[str, Any]:
        """Whose windows these are and how they are cut; two entries never have it in common."""
        return {
            'bag': str(self.bag.resolve()),
            'modality': self.view.modality.name,
            'features': vars(self.view.modality),
            'window': asdict(self.view.spec),
            'labelled': self.labelled,
        }

    @property
    def made_from(self) -> dict[str, Any]:
        """Everything that the windows depend on.

        :raises BagError: if the bag cannot be read.
        """
        return {**self.purpose, 'state': state_of(self.bag), 'code': CODE}

    def open(self) -> CachedWindows | None:
        """Return the windows, None where there are none or they are out of date or damaged.

        :raises BagError: if the bag cannot be read.
        """
        key = _hash(self.made_from)
        try:
            found = CachedWindows(self._path(key))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if found.key == key else None

    def build(self) -> None:
        """Make `open` return the bag's windows; nothing half-written is ever seen.

        :raises BagError: if the bag cannot be read, or changes meanwhile.
        """
        with self._locked():
            if self.open():
                return
            made_from = self.made_from
            part = self.directory / f'.{self._stem}.part'
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            try:
                self._write(part, made_from)
                if self.made_from != made_from:
                    raise BagError(f'{self.bag} changed while it was read: try again')
                for old in self.directory.iterdir():
                    if old.name.startswith(f'{self._stem}.'):
                        shutil.rmtree(old)
                part.rename(self._path(_hash(made_from)))
            finally:
                shutil.rmtree(part, ignore_errors=True)

    @property
    def _stem(self) -> str:
        return f'{self.bag.resolve().name}.{_hash(self.purpose)[:16]}'

    def _path(self, key: str) -> Path:
        return self.directory / f'{self._stem}.{key[:16]}'

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from writing this entry."""
        with (self.directory / f'.{self._stem}.lock').open('w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, part: Path, made_from: dict[str, Any]) -> None:
        labels: dict[str, int] = {}
        groups: dict[str, int] = {}
        modality, spec = self.view
        empty = np.zeros((spec.size, *modality.sample_shape), np.float32)
        with (
            BagReader(self.bag) as reader,
            RowWriter(part / INPUTS, '<f4', modality.features(empty).shape) as inputs,
            RowWriter(part / INDEX, COLUMNS) as index,
        ):
            source = WindowReader(reader, [self.view])
            for _, window in source:
                if window.label or not self.labelled:
                    inputs.append(window.inputs)
                    label = labels.setdefault(window.label, len(labels))
                    group = groups.setdefault(window.group, len(groups))
                    index.append((window.start, window.end, window.arrival, label, group))
            (tally,) = source.samples.tallies
        record = {
            'key': _hash(made_from),
            'bag': str(self.bag),
            'made_from': made_from,
            'labels': list(labels),
            'groups': list(groups),
            'refused': tally.refused,
            'reason': tally.reason,
            'files': {name: _state(part / name) for name in (INPUTS, INDEX)},
        }
        (part / RECORD).write_text(json.dumps(record, indent=1), encoding='utf-8')


def _hash(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _state(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]
