# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Random numbers that depend on a seed and a name only, not on the order of the calls."""

from collections.abc import Callable
import zlib

import numpy as np


def seeded_generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return the random generator for a seed and a purpose.

    :param seed: not negative.
    :param names: the purpose; the same names always give the same numbers.
    """
    path = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.default_rng([seed, *path])


def samples_from_blocks(
    first: int, count: int, size: int, block: Callable[[int], np.ndarray]
) -> np.ndarray:
    """Return samples `first` to `first + count` of a signal that is computed in fixed blocks.

    They do not depend on how the signal is divided into calls.

    :param first: index of the first sample, not negative.
    :param count: number of samples, at least 1.
    :param size: samples in a block.
    :param block: returns block number i, whose first axis has `size` entries.
    """
    start, stop = first // size, (first + count - 1) // size + 1
    joined = np.concatenate([block(number) for number in range(start, stop)])
    return joined[first - start * size:][:count]
