# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Describe the machine on which a bench runs."""

from datetime import date
from pathlib import Path
import platform


def file_system(folder: Path) -> str:
    """Return the type of the file system that holds a folder."""
    mounts = [line.split()[1:3] for line in Path('/proc/mounts').read_text().splitlines()]
    holding = [mount for mount in mounts if folder.resolve().is_relative_to(mount[0])]
    return max(holding, key=lambda mount: len(mount[0]))[1]


def machine() -> str:
    """Return processor, kernel, Python and today's date."""
    lines = Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines()
    models = [line.partition(':')[2].strip() for line in lines if line.startswith('model name')]
    return (
        f'{len(models)} x {models[0]}, Linux {platform.release()}, '
        f'Python {platform.python_version()}, {date.today()}'
    )
