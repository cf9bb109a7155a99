# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What cached windows depend on: the bag's files and the code that reads them."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import Any

import cv2
from dcat_ros.bags import annotation
from dcat_ros.bags.metadata import METADATA
from dcat_ros.bags.reader import BagError
import numpy as np
import yaml

ROOMS = ('modalities', 'windows', 'bags')
PACKAGES = ('cv_bridge', 'rosbags', 'rosbags-image')


def bag_files(bag: Path) -> list[Path]:
    """Return the files of a bag by name: data, metadata.yaml and labels.csv, but not reports.

    :raises BagError: if metadata.yaml cannot be read.
    """
    if not bag.is_dir():
        return [bag]
    path = bag / METADATA
    try:
        record = yaml.safe_load(path.read_text(encoding='utf-8'))
        names = [
            PurePath(name).name
            for name in record['rosbag2_bagfile_information']['relative_file_paths']
        ]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise BagError(f'{path} cannot be read: {error}') from error
    labels = [annotation.FILE] if (bag / annotation.FILE).exists() else []
    return [bag / name for name in sorted({METADATA, *labels, *names})]


def bag_state(bag: Path) -> dict[str, Any]:
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
