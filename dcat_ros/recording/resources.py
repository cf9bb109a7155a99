# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Disk space and memory of a recorder."""

import ctypes
import os
from pathlib import Path
import shutil

from dcat_ros.bags.storage import RESERVE

RESERVE_SIZE = 8 * 2**20
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
RETAINED_MEMORY = 2**28
LARGEST_MMAP_THRESHOLD = 2**25  # the most that glibc allows


def reserve_space(bag: Path) -> None:
    """Create a hidden file in a bag, which keeps space free for closing the bag on a full disk.

    :raises OSError: if there is not that much space.
    """
    file = os.open(bag / RESERVE, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, RESERVE_SIZE)
    except OSError:
        release_reserve(bag)
        raise
    finally:
        os.close(file)


def release_reserve(bag: Path) -> None:
    """Delete the file of `reserve_space`."""
    (bag / RESERVE).unlink(missing_ok=True)


def free_bytes(directory: Path) -> int:
    """Return the free space for a directory that need not exist yet."""
    while not directory.exists():
        directory = directory.parent
    return shutil.disk_usage(directory).free


def keep_freed_memory() -> None:
    """Let glibc keep up to 256 MiB of freed memory for the next images.

    Each written chunk frees several images. Getting their pages back from the kernel costs a
    recorder a third of its CPU time. Other C libraries than glibc are left alone.
    """
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is not None:
        mallopt(TRIM_THRESHOLD, RETAINED_MEMORY)
        mallopt(MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)
