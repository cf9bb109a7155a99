# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a bag's windows depend on: its files and the code that reads them."""

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


def files_of(bag: Path) -> list[Path]:
    """Return the files that make a bag what it is, by name; its reports are none of them.

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


def state_of(bag: Path) -> dict[str, Any]:
    """Return what changes whenever a bag does, fit for JSON.

    Texts count by their content, data files by size and by the times (ns) of their last change:
    of content, and of status (ctime), which no program can set back.

    :raises BagError: if a file is missing, or metadata.yaml cannot be read.
    """
    state: dict[str, Any] = {}
    try:
        for path in files_of(bag):
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
"""What changes whenever the way from messages to windows may, fit for JSON.

It is looked up together with the code, so that it is that of the code that runs.
"""
