# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a result was made of."""

from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dcat_ros.training.bag_selection import fingerprint
from dcat_ros.training.config import Config

PACKAGES = ('dcat_ros', 'torch', 'lightning', 'onnx', 'numpy')


def bags_of(bags: Sequence[Path]) -> dict[str, str]:
    """Return the SHA-256 of each bag by name."""
    return {bag.resolve().name: fingerprint(bag) for bag in bags}


def versions() -> dict[str, str]:
    """Return the versions of the packages that results depend on."""
    return {package: _version(package) for package in PACKAGES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return 'not installed'


def settings(config: Config) -> dict[str, Any]:
    """Return the settings that a fitted network depends on."""
    record = asdict(config)
    for name in ('name', 'card', 'protocol'):
        del record[name]
    return record
