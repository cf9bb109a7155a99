# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Work in a process of its own."""

from __future__ import annotations

from importlib.util import find_spec
import json
from pathlib import Path
from typing import Any

from bench.recorder.process import Failed, running


def told(module: str, arguments: list[str], folder: Path) -> dict[str, Any]:
    """Run a module, however long that takes, and return the JSON in its last line.

    :param folder: for what it says on stderr.
    :raises Failed: if it does not do its work.
    """
    last = ''
    with running(module, arguments, folder) as process:
        for line in process.lines():
            last = line
    return json.loads(last)


def require_training() -> None:
    """Check that there is what a training needs.

    :raises Failed: if there is not.
    """
    for module in ('lightning', 'torch'):
        if find_spec(module) is None:
            raise Failed(
                f'training needs {module}, which is not installed: install the extra '
                'dcat_ros[train]'
            )
