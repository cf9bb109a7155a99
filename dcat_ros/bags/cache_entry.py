# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The windows of one sensor of one bag in the cache."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
import fcntl
import glob
import hashlib
from importlib.metadata import PackageNotFoundError, version
import json
from pathlib import Path
import shutil
from typing import Any

import cv2
from dcat_ros.bags import annotation
from dcat_ros.bags.metadata import bag_files, METADATA
from dcat_ros.bags.npy_writer import RowWriter
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.windows import InputSpec, WindowReader
import numpy as np
from numpy.typing import NDArray

DESCRIPTION, INPUTS, INDEX = 'entry.json', 'inputs.npy', 'index.npy'
ROOMS = ('modalities', 'windows', 'bags')
PACKAGES = ('cv_bridge', 'rosbags', 'rosbags-image')
COLUMNS = [
    ('start', '<i8'), ('end', '<i8'), ('arrival', '<i8'), ('label', '<i4'), ('group', '<i4'),
]


class CachedWindows:
    """The windows of one sensor of a bag, as :func:`dcat_ros.bags.windows.windows` yields them.

    ``inputs`` (n, ...) float32 is a memory map. ``starts``, ``ends`` and ``arrivals`` are int64
    (n,) in ns, ``labels`` and ``groups`` str (n,). ``refused`` is the number of messages that
    could not be decoded, ``reason`` says why for the first of them. ``distrusted`` is the number
    of windows that were left out, since the sensor is not what its modality expects. ``problem``
    says what is wrong with most of them.

    :param path: the entry's directory.
    :raises OSError, ValueError, KeyError, TypeError: if it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        description = json.loads((path / DESCRIPTION).read_text(encoding='utf-8'))
        for name, size_and_time in description['files'].items():
            if _size_and_time(path / name) != size_and_time:
                raise ValueError(f'{path / name} has changed since it was written')
        self.key: str = description['key']
        self.bag = Path(description['bag'])
        self.refused: int = description['refused']
        self.reason: str = description['reason']
        self.distrusted: int = description['distrusted']
        self.problem: str = description['problem']
        self.inputs: NDArray[np.float32] = np.load(path / INPUTS, mmap_mode='r')
        index = np.load(path / INDEX)
        self.starts: NDArray[np.int64] = index['start']
        self.ends: NDArray[np.int64] = index['end']
        self.arrivals: NDArray[np.int64] = index['arrival']
        self.labels: NDArray[np.str_] = np.array(description['labels'], np.str_)[index['label']]
        self.groups: NDArray[np.str_] = np.array(description['groups'], np.str_)[index['group']]

    def __reduce__(self) -> tuple[type[CachedWindows], tuple[Path]]:
        return CachedWindows, (self.path,)

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(frozen=True)
class CacheEntry:
    """One sensor's windows of one bag in a cache, built or not.

    :param directory: the cache.
    :param labelled: whether windows without label are left out.
    """

    directory: Path
    bag: Path
    inputs: InputSpec
    labelled: bool

    @property
    def identity(self) -> dict[str, Any]:
        """Return the bag and the settings that tell this entry from all others."""
        return {
            'bag': str(self.bag.resolve()),
            'modality': self.inputs.modality.name,
            'features': vars(self.inputs.modality),
            'window': asdict(self.inputs.window),
            'recorded': repr(self.inputs.recorded),
            'labelled': self.labelled,
        }

    @property
    def dependencies(self) -> dict[str, Any]:
        """Everything that the windows depend on.

        :raises BagError: if the bag cannot be read.
        """
        return {**self.identity, 'state': _bag_state(self.bag), 'code': CODE}

    def open(self) -> CachedWindows | None:
        """Return the windows, None where there are none or they are out of date or damaged.

        :raises BagError: if the bag cannot be read.
        """
        key = _hash(self.dependencies)
        try:
            found = CachedWindows(self._path(key))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if found.key == key else None

    def build(self) -> None:
        """Read the windows from the bag; `open` finds them only when they are complete.

        :raises BagError: if the bag cannot be read, or changes meanwhile.
        """
        with (self.directory / f'.{self._stem}.lock').open('w') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # other processes may build the same entry
            if self.open():
                return
            dependencies = self.dependencies
            part = self.directory / f'.{self._stem}.part'
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            try:
                self._write(part, dependencies)
                if self.dependencies != dependencies:
                    raise BagError(f'{self.bag} changed while it was read: try again')
                for old in self.directory.glob(f'{glob.escape(self._stem)}.*'):
                    shutil.rmtree(old)
                part.rename(self._path(_hash(dependencies)))
            finally:
                shutil.rmtree(part, ignore_errors=True)

    @property
    def _stem(self) -> str:
        return f'{self.bag.resolve().name}.{_hash(self.identity)[:16]}'

    def _path(self, key: str) -> Path:
        return self.directory / f'{self._stem}.{key[:16]}'

    def _write(self, part: Path, dependencies: dict[str, Any]) -> None:
        labels: dict[str, int] = {}
        groups: dict[str, int] = {}
        problems: Counter[str] = Counter()
        modality, spec, _ = self.inputs
        empty = np.zeros((spec.size, *modality.sample_shape), np.float32)
        with (
            BagReader(self.bag) as reader,
            RowWriter(part / INPUTS, '<f4', modality.features(empty).shape) as inputs,
            RowWriter(part / INDEX, COLUMNS) as index,
        ):
            windows = WindowReader(reader, self.inputs)
            for window in windows:
                if window.problem:
                    problems[window.problem] += 1
                elif window.label or not self.labelled:
                    inputs.append(window.inputs)
                    label = labels.setdefault(window.label, len(labels))
                    group = groups.setdefault(window.group, len(groups))
                    index.append((window.start, window.end, window.arrival, label, group))
        description = {
            'key': _hash(dependencies),
            'bag': str(self.bag),
            'made_from': dependencies,
            'labels': list(labels),
            'groups': list(groups),
            'refused': windows.samples.refused,
            'reason': windows.samples.reason,
            'distrusted': problems.total(),
            'problem': next(iter(dict(problems.most_common(1))), ''),
            'files': {name: _size_and_time(part / name) for name in (INPUTS, INDEX)},
        }
        (part / DESCRIPTION).write_text(json.dumps(description, indent=1), encoding='utf-8')


def _hash(values: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _size_and_time(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]


def _bag_state(bag: Path) -> dict[str, Any]:
    """Return values for JSON that change whenever the bag does.

    These are the SHA-256 of texts, and of data files the size and the times (ns) when the content
    and the status changed last (mtime and ctime). No program can set back ctime.

    :raises BagError: if a file is missing, or metadata.yaml cannot be read.
    """
    state: dict[str, Any] = {}
    try:
        for path in bag_files(bag):
            if path.name in (METADATA, annotation.FILE):
                state[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
            else:
                found = path.stat()
                state[path.name] = [found.st_size, found.st_mtime_ns, found.st_ctime_ns]
    except OSError as error:
        raise BagError(f'{bag} cannot be read: {error}') from error
    return state


def _code_state() -> dict[str, str]:
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for room in ROOMS:
        for file in sorted((package / room).rglob('*.py')):
            digest.update(f'{file.relative_to(package)}\n'.encode() + file.read_bytes())
    versions = {name: _version(name) for name in PACKAGES}
    return {
        'dcat_ros': digest.hexdigest(), 'numpy': np.__version__, 'cv2': cv2.__version__, **versions
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return 'unknown'


CODE = _code_state()
"""Values for JSON that change whenever the code from messages to windows may have changed.

They are read on import, so that they describe the code that runs.
"""
