# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Random numbers that are found again by name or by sample index."""

from collections.abc import Callable
import zlib

import numpy as np


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return the random generator that belongs to a seed and a path of names.

    :param seed: The seed, not negative.
    :param names: What the numbers are for; the same path always gives the same numbers.
    """
    path = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.default_rng([seed, *path])


def samples(
    first: int, count: int, size: int, block: Callable[[int], np.ndarray]
) -> np.ndarray:
    """Cut samples `first` to `first + count` out of a signal that is made in fixed blocks.

    :param first: Index of the first sample, not negative.
    :param count: Number of samples, at least 1.
    :param size: Samples in a block.
    :param block: Makes block number i, whose first axis has `size` entries.
    :returns: The samples along the first axis; they do not depend on how they are asked for.
    """
    start, stop = first // size, (first + count - 1) // size + 1
    joined = np.concatenate([block(number) for number in range(start, stop)])
    return joined[first - start * size:][:count]
