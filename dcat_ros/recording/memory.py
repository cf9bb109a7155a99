# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How the C library treats memory that is freed."""

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
KEPT = 2**28
LARGEST = 2**25  # the most that glibc allows


def keep_freed_memory() -> None:
    """Keep up to 256 MiB of freed memory for the next images, instead of giving it back.

    A chunk frees several images at once; asking the kernel for their pages again, for each chunk,
    costs a recorder a third of its CPU time. Other C libraries than glibc are left alone.
    """
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    if mallopt is not None:
        mallopt(TRIM_THRESHOLD, KEPT)
        mallopt(MMAP_THRESHOLD, LARGEST)
