# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Colour, grey and depth images, raw or compressed, to frames of a model's size."""

import sys
from types import SimpleNamespace
from typing import Any

import cv2
from dcat_ros.modalities.base import DecodeError, Samples, stamp_of
from dcat_ros.modalities.images.quality import PictureQuality
import numpy as np
from numpy.typing import NDArray

try:
    from cv_bridge import CvBridge
    from cv_bridge import CvBridgeError as ImageError
except ModuleNotFoundError:
    # A host without ROS: rosbags-image gives the same pixels and needs no message classes.
    from rosbags.image import image_to_cvimage, ImageError
else:
    image_to_cvimage = CvBridge().imgmsg_to_cv2

PIXEL_BYTES = {
    'rgb8': 3, 'bgr8': 3, 'rgba8': 4, 'bgra8': 4, 'mono8': 1, '16UC1': 2, 'mono16': 2, '32FC1': 4,
}
DEPTH_ENCODINGS = ('16UC1', 'mono16', '32FC1')
FARTHEST = 50.0
"""m; no depth camera that sees a person sees nothing nearer."""
JPEG_START, JPEG_SCAN, JPEG_END = b'\xff\xd8', b'\xff\xda', b'\xff\xd9'


class CameraDecoder:
    """Decodes an image to one frame (1, height, width) of the model's size.

    Grey frames are 0 to 1. Depth frames are in metres, 0 where there is no reading (REP 118).
    The image is cropped about its centre to the model's aspect ratio, then reduced by area. The
    mean over an area includes its zeros, as in the depth data that the shipped models learned
    from: the outline of a person seems nearer, live and in training alike.

    :param rotation: degrees by which images are turned clockwise, a multiple of 90.
    """

    def __init__(self, kind: str, height: int, width: int, rotation: int = 0) -> None:
        self._turns = -rotation // 90
        self._quality = PictureQuality()
        self._is_depth = kind == 'depth'
        self._size = (height, width)

    def decode(self, message: Any) -> Samples:
        """Return one frame of a sensor_msgs/Image or CompressedImage.

        :raises DecodeError: if the image is incomplete, not of the model's kind, or shows nothing.
        """
        stamp = stamp_of(message.header)
        try:
            image = self._raw(message) if hasattr(message, 'step') else self._compressed(message)
        except DecodeError:
            raise
        except (ImageError, cv2.error, ValueError) as error:
            raise DecodeError(f'image cannot be converted: {error}') from error
        if not self._is_depth:
            self._quality.check(image, stamp)
        image = np.rot90(image, self._turns) if self._turns else image
        frame = _metres(image) if self._is_depth else image.astype(np.float32) / 255.0
        return Samples(np.array([stamp], np.int64), self._resized(frame)[None])

    def _raw(self, message: Any) -> NDArray:
        encoding = message.encoding
        if encoding not in PIXEL_BYTES:
            raise DecodeError(
                f'encoding is "{encoding}", expected one of {", ".join(PIXEL_BYTES)}: '
                "set the camera driver's output encoding"
            )
        self._check_kind(encoding in DEPTH_ENCODINGS, f'encoding is "{encoding}"')
        row_bytes = message.width * PIXEL_BYTES[encoding]
        if not (message.height and message.width and message.step >= row_bytes):
            raise DecodeError(
                f'a {message.width} x {message.height} {encoding} image with step {message.step} '
                f'is malformed, step must be at least {row_bytes}: correct the camera driver'
            )
        if len(message.data) < message.height * message.step:
            raise DecodeError(
                f'image data hold {len(message.data)} bytes, expected height x step = '
                f'{message.height * message.step}: correct the camera driver'
            )
        unpadded = _unpadded(message, row_bytes)
        if self._is_depth:
            return image_to_cvimage(unpadded)
        return image_to_cvimage(unpadded, 'mono8')

    def _compressed(self, message: Any) -> NDArray:
        if 'compressedDepth' in message.format:
            raise DecodeError(
                f'format is "{message.format}"; subscribe to the raw depth image, or republish '
                'it with image_transport'
            )
        data = bytes(message.data)
        # Older versions of OpenCV fill in what a JPEG lacks.
        is_cut = data.startswith(JPEG_START) and data.rfind(JPEG_END) < data.rfind(JPEG_SCAN)
        image = None
        if data and not is_cut:
            # Not by cv_bridge: Humble's reduces 16 bits to 8.
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        if image is None:
            raise DecodeError(f'{len(data)} bytes are not a complete "{message.format}" image')
        is_depth = image.ndim == 2 and image.dtype == np.uint16
        self._check_kind(is_depth, f'format is "{message.format}" with {image.dtype} pixels')
        if is_depth:
            return image
        if image.dtype != np.uint8:
            raise DecodeError(
                f'format is "{message.format}" with {image.dtype} pixels, expected 8 bits: '
                "set the camera driver's output encoding"
            )
        if image.ndim == 2:
            return image
        code = cv2.COLOR_BGRA2GRAY if image.shape[2] == 4 else cv2.COLOR_BGR2GRAY
        return cv2.cvtColor(image, code)

    def _check_kind(self, is_depth: bool, problem: str) -> None:
        if is_depth != self._is_depth:
            expected = 'depth (16UC1 or 32FC1)' if self._is_depth else 'colour or grey'
            raise DecodeError(
                f'{problem}, but the bundle takes {expected} images: remap the camera topic, or '
                'choose another bundle'
            )

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


def _metres(image: NDArray) -> NDArray[np.float32]:
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


def _unpadded(message: Any, row_bytes: int) -> Any:
    """Return an image message without row padding, in the byte order of this machine.

    cv_bridge drops padding only by whole pixels, and swaps bytes only with numpy 1.
    """
    rows = np.frombuffer(message.data, np.uint8)[:message.height * message.step]
    rows = rows.reshape(message.height, message.step)[:, :row_bytes]
    big_endian = sys.byteorder == 'big'
    if message.encoding in DEPTH_ENCODINGS and bool(message.is_bigendian) != big_endian:
        rows = rows.reshape(message.height, message.width, -1)[..., ::-1]
    return SimpleNamespace(
        height=message.height, width=message.width, encoding=message.encoding, step=row_bytes,
        is_bigendian=int(big_endian), data=np.ascontiguousarray(rows))
