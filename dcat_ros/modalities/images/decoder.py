# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Colour, grey and depth images, raw or compressed, to frames of a model's size."""

from typing import Any

import cv2
from dcat_ros.modalities.base import DecodeError, Samples, stamp_of
from dcat_ros.modalities.images.background import Background
from dcat_ros.modalities.images.pixels import pixels
from dcat_ros.modalities.images.quality import PictureQuality
import numpy as np
from numpy.typing import NDArray

FARTHEST = 50.0
"""m; no depth camera that sees a person sees nothing nearer."""


class CameraDecoder:
    """Decodes an image to one frame (1, height, width) of the model's size.

    Grey frames are 0 to 1. Depth frames are in metres, 0 where there is no reading (REP 118) or
    where they show the room (see :class:`dcat_ros.modalities.images.background.Background`).
    The image is cropped about its centre to the model's aspect ratio, then reduced by area. The
    mean over an area includes its zeros, as in the depth data that the shipped models learned
    from: the outline of a person seems nearer, live and in training alike.

    :param rotation: degrees by which images are turned clockwise, a multiple of 90.
    """

    def __init__(self, kind: str, height: int, width: int, rotation: int = 0) -> None:
        self._turns = -rotation // 90
        self._quality = PictureQuality()
        self._is_depth = kind == 'depth'
        self._background = Background()
        self._size = (height, width)

    def decode(self, message: Any) -> Samples:
        """Return one frame of a sensor_msgs/Image or CompressedImage.

        :raises DecodeError: if the image is incomplete, not of the model's kind, or shows nothing.
        """
        stamp = stamp_of(message.header)
        image = pixels(message)
        is_depth = image.dtype != np.uint8
        if is_depth != self._is_depth:
            kind = getattr(message, 'encoding', '') or message.format
            expected = 'depth (16UC1 or 32FC1)' if self._is_depth else 'colour or grey'
            raise DecodeError(
                f'"{kind}" with {image.dtype} pixels, but the bundle takes {expected} images: '
                'remap the camera topic, or choose another bundle'
            )
        if not self._is_depth:
            self._quality.check(image, stamp)
        image = np.rot90(image, self._turns) if self._turns else image
        if self._is_depth:
            frame = self._background.person(metres_of(image), stamp)
        else:
            frame = image.astype(np.float32) / 255.0
        return Samples(np.array([stamp], np.int64), self._resized(frame)[None])

    def _resized(self, frame: NDArray[np.float32]) -> NDArray[np.float32]:
        height, width = self._size
        rows, columns = frame.shape
        if (rows, columns) == self._size:
            return frame
        scale = min(rows / height, columns / width)
        top = round((rows - scale * height) / 2)
        left = round((columns - scale * width) / 2)
        crop = frame[top:top + round(scale * height), left:left + round(scale * width)]
        resized = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(resized, np.float32)


def metres_of(image: NDArray) -> NDArray[np.float32]:
    """Return a depth image in metres, 0 where there is no reading (REP 118).

    :raises DecodeError: if float values cannot be metres.
    """
    metres = image.astype(np.float32)
    if image.dtype.kind == 'u':
        return metres / 1000.0
    metres = np.where(np.isfinite(metres) & (metres > 0.0), metres, np.float32(0.0))
    nearest = float(np.min(metres, initial=np.inf, where=metres > 0.0))
    if FARTHEST < nearest < np.inf:
        raise DecodeError(
            f'the nearest depth is {nearest:.0f} m: 32FC1 images are in metres (REP 118), so let '
            'the driver publish millimetres as 16UC1'
        )
    return metres
