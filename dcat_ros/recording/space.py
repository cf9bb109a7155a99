# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Where bags go: free space, and names that are not taken."""

from itertools import count
from pathlib import Path
import shutil


def free_bytes(directory: Path) -> int:
    """Return the free space for a directory that need not be there yet."""
    while not directory.exists():
        directory = directory.parent
    return shutil.disk_usage(directory).free


def numbered(directory: Path) -> Path:
    """Return a directory's name with the first number behind it that is not taken."""
    return next(
        path for number in count(2)
        if not (path := directory.with_name(f'{directory.name}_{number}')).exists()
    )
