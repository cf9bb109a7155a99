# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The bags that a user means, and what identifies them."""

from __future__ import annotations

from collections.abc import Sequence
import hashlib
from pathlib import Path

from dcat_ros.bags.cache_key import bag_files
from dcat_ros.bags.reader import BagError
from dcat_ros.training.errors import TrainingError

BLOCK = 2**20


def find_bags(directories: Sequence[Path]) -> list[Path]:
    """Return the bags among the directories and right below them, by name.

    :raises TrainingError: if a directory holds none, or two bags have one name.
    """
    bags = []
    for directory in directories:
        below = [directory] if (directory / 'metadata.yaml').exists() else sorted(
            path.parent for path in directory.glob('*/metadata.yaml')
        )
        if not below:
            raise TrainingError(f'{directory} is no rosbag2 bag and holds none: check --bags')
        bags += below
    by_name = {path.resolve().name: path for path in bags}
    if len(by_name) < len(bags):
        raise TrainingError('two bags have the same name, which must be unique: check --bags')
    return [by_name[name] for name in sorted(by_name)]


def fingerprint(bag: Path) -> str:
    """Return the SHA-256 over the files that make a bag what it is, not over its reports.

    :raises TrainingError: if one is missing.
    """
    digest = hashlib.sha256()
    try:
        for path in bag_files(bag):
            with path.open('rb') as file:
                digest.update(f'{path.name}\n{path.stat().st_size}\n'.encode())
                while block := file.read(BLOCK):
                    digest.update(block)
    except (BagError, OSError) as error:
        raise TrainingError(str(error)) from error
    return digest.hexdigest()
