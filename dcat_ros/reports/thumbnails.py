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
from dcat_ros.modalities.images.decoder import CameraDecoder, DEPTH_ENCODINGS, PIXEL_BYTES
from dcat_ros.reports import limits
import numpy as np
from numpy.typing import NDArray

WIDTH = 320
FAR = 50  # of 255, so that far things stand out from black
TO_BGR = {
    'rgb8': cv2.COLOR_RGB2BGR, 'rgba8': cv2.COLOR_RGBA2BGR, 'bgra8': cv2.COLOR_BGRA2BGR,
    'mono8': cv2.COLOR_GRAY2BGR,
}
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
    raw = hasattr(message, 'step')
    if not (raw and message.encoding in DEPTH_ENCODINGS):
        try:
            CameraDecoder('grey', WIDTH, WIDTH).decode(message)
            return _jpeg(_colours(message) if raw else _unpacked(message))
        except DecodeError as error:
            if raw:
                raise
            refusal = error
    height = WIDTH * message.height / max(message.width, 1) if raw else 0.75 * WIDTH
    decoder = CameraDecoder('depth', round(min(max(height, 1), 2 * WIDTH)), WIDTH)
    try:
        metres = decoder.decode(message).values[0]
    except DecodeError as error:
        raise (error if raw else refusal) from None
    return _jpeg(_depth(metres))


def _jpeg(image: NDArray[Any]) -> bytes:
    rows, columns = image.shape[:2]
    scale = min(WIDTH / columns, 2 * WIDTH / rows, 1.0)
    size = max(round(scale * columns), 1), max(round(scale * rows), 1)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cv2.imencode('.jpg', small, QUALITY)[1].tobytes()


def _colours(message: Any) -> NDArray[Any]:
    channels = PIXEL_BYTES[message.encoding]
    rows = np.frombuffer(message.data, np.uint8)[:message.height * message.step]
    pixels = rows.reshape(message.height, message.step)[:, :message.width * channels]
    image = np.ascontiguousarray(pixels.reshape(message.height, message.width, channels))
    code = TO_BGR.get(message.encoding)
    return image if code is None else cv2.cvtColor(image, code)


def _unpacked(message: Any) -> NDArray[Any]:
    data = np.frombuffer(bytes(message.data), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


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
