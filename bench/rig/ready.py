# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What has to be there before minutes of measuring begin."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
import os
from pathlib import Path
import shutil

from bench.rig.process import Failed

RESERVE = 2 * 10**9


def require_modules(user: str, *modules: str) -> None:
    """Check that modules of the extra for training are installed.

    :param user: what needs them.
    :raises Failed: if one is not.
    """
    for module in modules:
        if find_spec(module) is None:
            raise Failed(
                f'{user} needs {module}, which is not installed: install the extra dcat_ros[train]'
            )


def require_writable(page: Path) -> None:
    """Make the folder of a page, and check that the page can be written.

    :raises OSError: if it cannot.
    """
    with suppress(OSError):
        page.parent.mkdir(parents=True, exist_ok=True)
    if page.is_dir() or not os.access(page if page.exists() else page.parent, os.W_OK):
        raise OSError(f'{page} cannot be written: give --out another file')


def require_space(folder: Path, size: float, otherwise: str) -> None:
    """Check that so many bytes fit, and `RESERVE` more.

    :param otherwise: what to choose when there is no room.
    :raises OSError: when they do not.
    """
    needed, free = RESERVE + size, shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            f'{free / 1e9:.1f} GB free for {folder}, {needed / 1e9:.1f} GB needed: make room, or '
            f'choose {otherwise}'
        )
