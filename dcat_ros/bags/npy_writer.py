# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Write .npy files row by row."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

HEADER_SIZE = 256  # bytes before the first row; room for any number of rows


class RowWriter:
    """Context manager that appends rows to an .npy file without keeping them in memory.

    :param path: the file; replaced if it exists.
    :param dtype: of the array.
    :param shape: of one row.
    """

    def __init__(self, path: Path, dtype: DTypeLike, shape: tuple[int, ...] = ()) -> None:
        self.count = 0
        self._path = path
        self._dtype: np.dtype[Any] = np.dtype(dtype)
        self._shape = shape

    def __enter__(self) -> RowWriter:
        self._file = self._path.open('wb')
        self._file.write(self._header())
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._file:
            if kind is None:
                self._file.seek(0)
                self._file.write(self._header())
                self._file.flush()
                os.fsync(self._file.fileno())

    def append(self, row: NDArray[Any] | tuple[int, ...]) -> None:
        """Add a row.

        :raises ValueError: if it has another shape than the rows.
        """
        array = np.asarray(row, self._dtype)
        if array.shape != self._shape:
            raise ValueError(f'a row of shape {array.shape} among rows of {self._shape}')
        self._file.write(array.tobytes())
        self.count += 1

    def _header(self) -> bytes:
        """Return the header for the rows so far (NEP 1), padded to `HEADER_SIZE`."""
        record = {
            'descr': npy.dtype_to_descr(self._dtype),
            'fortran_order': False,
            'shape': (self.count, *self._shape),
        }
        start = npy.magic(1, 0)
        length = HEADER_SIZE - len(start) - 2
        return start + length.to_bytes(2, 'little') + f'{record!r:<{length - 1}}\n'.encode()
