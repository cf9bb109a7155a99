# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Provenance of results: digests of bags, versions of packages, settings."""

from collections.abc import Sequence
from dataclasses import asdict
import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dcat_ros.bags.metadata import bag_files
from dcat_ros.bags.reader import BagError
from dcat_ros.training.config import Config
from dcat_ros.training.errors import TrainingError

PACKAGES = ('dcat_ros', 'torch', 'lightning', 'onnx', 'numpy')
BLOCK = 2**20


def bags_of(bags: Sequence[Path]) -> dict[str, str]:
    """Return the SHA-256 of each bag by name."""
    return {bag.resolve().name: fingerprint(bag) for bag in bags}


def fingerprint(bag: Path) -> str:
    """Return the SHA-256 of the files of a bag, without its reports.

    :raises TrainingError: if a file is missing.
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


def versions() -> dict[str, str]:
    """Return the versions of the packages that results depend on."""
    return {package: _version(package) for package in PACKAGES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return 'not installed'


def settings(config: Config) -> dict[str, Any]:
    """Return the settings of a recipe that its fitted network depends on."""
    record = asdict(config)
    for name in ('name', 'card', 'protocol'):
        del record[name]
    record['negatives']['bags'] = [Path(bag).name for bag in config.negatives.bags]
    return record
