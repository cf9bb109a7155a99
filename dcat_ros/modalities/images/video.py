# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Reads video files and webcams, and writes video files, through OpenCV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
from dcat_ros.modalities.base import NANOSECONDS
import numpy as np
from numpy.typing import NDArray

USUAL_RATE = 30.0
"""Hz, of a video that does not tell its own."""
LONGEST_PAUSE = 60.0
"""s for which a written video repeats a picture at most."""


class VideoReader:
    """Iterates over the pictures of a video file or of a camera of this machine.

    :param source: a file, or the number or device file of a camera, as in `0` or `/dev/video0`.
    :ivar is_live: whether it is a camera, whose pictures come as time passes.
    :ivar rate: pictures a second.
    :ivar count: number of pictures, as the file says; 0 if unknown.
    :raises OSError: if OpenCV cannot open it.
    """

    def __init__(self, source: str) -> None:
        self.is_live = source.isdigit() or source.startswith('/dev/')
        self._capture = cv2.VideoCapture(int(source) if source.isdigit() else source)
        if not self._capture.isOpened():
            what = 'camera' if self.is_live else 'video'
            raise OSError(f'OpenCV cannot open {source} as a {what}')
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0 < rate < 1000 else USUAL_RATE
        count = 0.0 if self.is_live else self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.count = max(0, int(count))

    def __iter__(self) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """Yield each picture (rows, columns, 3) of blue, green, red, and its ns from the start.

        The times of a camera are those of its rate; use the time of arrival instead.
        """
        index = 0
        while (read := self._capture.read())[0]:
            picture: NDArray[Any] = read[1]
            yield round(index * NANOSECONDS / self.rate), picture
            index += 1

    def rewind(self) -> None:
        """Go back to the first picture of a file."""
        self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)

    def close(self) -> None:
        """Close the file or camera."""
        self._capture.release()


class VideoWriter:
    """Writes pictures by their stamps as a video of a fixed rate; to be closed.

    :param path: file, by whose suffix OpenCV chooses the container, as in `film.mp4`.
    :param rate: pictures a second; a picture is repeated until the next one.
    """

    def __init__(self, path: Path, rate: float) -> None:
        self._path, self._rate = path, rate
        self._writer: cv2.VideoWriter | None = None
        self._due = 0.0

    def write(self, stamp: int, picture: NDArray[np.uint8]) -> None:
        """Add a picture (rows, columns, 3) of blue, green, red.

        :param stamp: ns.
        :raises OSError: if OpenCV cannot write such a file.
        """
        rows, columns = picture.shape[:2]
        if self._writer is None:
            self._writer = cv2.VideoWriter(
                str(self._path), cv2.VideoWriter.fourcc(*'mp4v'), self._rate, (columns, rows)
            )
            if not self._writer.isOpened():
                raise OSError(f'OpenCV cannot write {self._path}: name a file such as film.mp4')
            self._due = float(stamp)
        period = NANOSECONDS / self._rate
        self._due = max(self._due, stamp - LONGEST_PAUSE * NANOSECONDS)
        while self._due <= stamp + period / 2:
            self._writer.write(picture)
            self._due += period

    def close(self) -> None:
        """Complete the file."""
        if self._writer is not None:
            self._writer.release()
