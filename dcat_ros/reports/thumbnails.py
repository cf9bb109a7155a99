# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Small pictures of what a camera saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import cv2
from dcat_ros.bags.labels import Interval
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.modalities import DecodeError
from dcat_ros.modalities.base import stamp_of
from dcat_ros.modalities.images.decoder import metres_of
from dcat_ros.modalities.images.pixels import pixels
from dcat_ros.reports import limits
import numpy as np
from numpy.typing import NDArray

WIDTH = 320
FAR = 50  # of 255, so that far things stand out from black
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 80]


@dataclass(frozen=True)
class Thumbnail:
    """One frame.

    :param stamp: bag time, ns.
    :param label: the activity that begins there, empty in a bag without labels.
    :param jpeg: the picture.
    """

    stamp: int
    label: str
    jpeg: bytes


@dataclass
class Strip:
    """Frames of one camera at the starts of labelled intervals.

    :param topic: the camera's.
    :param shown: the frames.
    :param undecodable: how many more frames could not be read.
    :param reason: why, for the first of them.
    :param left_out: how many intervals have no picture because there are so many.
    """

    topic: str
    shown: list[Thumbnail] = field(default_factory=list)
    undecodable: int = 0
    reason: str = ''
    left_out: int = 0

    def add_first_frame(self, reader: BagReader, interval: Interval) -> None:
        """Add the first frame in an interval, if there is one that can be read."""
        frames = reader.messages([self.topic], interval.start, interval.end)
        try:
            found = next(frames, None)
            if found is not None:
                self.shown.append(Thumbnail(found[2], interval.label, encode_thumbnail(found[1])))
        except (BagError, DecodeError) as error:
            self.undecodable += 1
            self.reason = self.reason or str(error)


def intervals_to_show(intervals: Sequence[Interval], start: int, end: int) -> list[Interval]:
    """Return the labelled intervals, or a few stretches without label where there are none."""
    if intervals:
        return list(intervals)
    edges = np.linspace(0, end - start, limits.UNLABELLED_THUMBNAILS + 1).astype(np.int64)
    return [
        Interval('', start + int(low), start + int(high))
        for low, high in pairwise(edges)
    ]


def read_strip(reader: BagReader, topic: str, intervals: Sequence[Interval]) -> Strip:
    """Return a camera's first frame in each interval, as far as they can be read."""
    made = Strip(topic, left_out=max(len(intervals) - limits.THUMBNAILS, 0))
    for interval in intervals[:limits.THUMBNAILS]:
        made.add_first_frame(reader, interval)
    return made


def encode_thumbnail(message: Any) -> bytes:
    """Return a sensor_msgs/Image or CompressedImage as a small JPEG.

    Depth is coloured from near (yellow) to far (blue), black where there is no reading.

    :raises DecodeError: if the camera modality could not decode it.
    """
    stamp_of(message.header)
    image = pixels(message, in_colour=True)
    return _jpeg(image if image.dtype == np.uint8 else _depth(metres_of(image)))


def _jpeg(image: NDArray[Any]) -> bytes:
    rows, columns = image.shape[:2]
    scale = min(WIDTH / columns, 2 * WIDTH / rows, 1.0)
    size = max(round(scale * columns), 1), max(round(scale * rows), 1)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cv2.imencode('.jpg', small, QUALITY)[1].tobytes()


def _depth(metres: NDArray[np.float32]) -> NDArray[Any]:
    seen = metres > 0
    if not seen.any():
        return np.zeros((*metres.shape, 3), np.uint8)
    near, far = np.percentile(metres[seen], [10, 90])
    nearness = np.clip((far - metres) / max(far - near, 0.1), 0.0, 1.0)
    levels = (FAR + (255 - FAR) * nearness).astype(np.uint8)
    image = cv2.applyColorMap(levels, cv2.COLORMAP_VIRIDIS)
    image[~seen] = 0
    return image
