# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What has to be there before minutes of measuring begin."""

from __future__ import annotations

from contextlib import suppress
from importlib.util import find_spec
import os
from pathlib import Path

from bench.recorder.process import Failed


def require_training() -> None:
    """Check that there is what the hand-written node needs.

    :raises Failed: if there is not.
    """
    for module in ('torch', 'onnx'):
        if find_spec(module) is None:
            raise Failed(
                f'the hand-written node needs {module}, which is not installed: install the extra '
                'dcat_ros[train]'
            )


def require_writable(page: Path) -> None:
    """Make the folder of a page, and check that the page can be written.

    :raises OSError: if it cannot.
    """
    with suppress(OSError):
        page.parent.mkdir(parents=True, exist_ok=True)
    if page.is_dir() or not os.access(page if page.exists() else page.parent, os.W_OK):
        raise OSError(f'{page} cannot be written: give --out another file')
