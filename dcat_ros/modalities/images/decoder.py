# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Images to frames: colour, grey and depth, raw through cv_bridge, or compressed."""

import sys
from types import SimpleNamespace
from typing import Any

import cv2
from cv_bridge import CvBridge, CvBridgeError
from dcat_ros.modalities.base import DecodeError, Samples, stamp_of
import numpy as np
from numpy.typing import NDArray

PIXEL_BYTES = {
    'rgb8': 3, 'bgr8': 3, 'rgba8': 4, 'bgra8': 4, 'mono8': 1, '16UC1': 2, 'mono16': 2, '32FC1': 4,
}
DEPTH_ENCODINGS = ('16UC1', 'mono16', '32FC1')
JPEG_START, JPEG_SCAN, JPEG_END = b'\xff\xd8', b'\xff\xda', b'\xff\xd9'


class CameraDecoder:
    """Decodes an image to one frame (1, height, width) of the model's size.

    Grey frames are 0 to 1, depth frames are metres with 0 where there is no reading (REP 118).
    The image is cropped about its centre to the model's aspect ratio, then reduced by area. In
    depth that averages zeros too, as UTD-MHAD as used here does: a cell at a person's outline
    seems nearer, the same live as in training.
    """

    def __init__(self, kind: str, height: int, width: int) -> None:
        self._depth = kind == 'depth'
        self._size = (height, width)
        self._bridge = CvBridge()

    def decode(self, message: Any) -> Samples:
        """Return one frame of a sensor_msgs/Image or CompressedImage.

        :raises DecodeError: if the image is incomplete or does not fit the model's kind.
        """
        stamp = stamp_of(message.header)
        try:
            image = self._image(message) if hasattr(message, 'step') else self._unpacked(message)
        except (CvBridgeError, cv2.error, ValueError) as error:
            if isinstance(error, DecodeError):
                raise
            raise DecodeError(f'image cannot be converted: {error}') from error
        frame = self._metres(image) if self._depth else image.astype(np.float32) / 255.0
        return Samples(np.array([stamp], np.int64), self._reduced(frame)[None])

    def _image(self, message: Any) -> NDArray:
        encoding = message.encoding
        if encoding not in PIXEL_BYTES:
            raise DecodeError(
                f'encoding is "{encoding}", expected one of {", ".join(PIXEL_BYTES)}: '
                "set the camera driver's output encoding"
            )
        self._require(encoding in DEPTH_ENCODINGS, f'encoding is "{encoding}"')
        least = message.width * PIXEL_BYTES[encoding]
        if not (message.height and message.width and message.step >= least):
            raise DecodeError(
                f'a {message.width} x {message.height} {encoding} image with step {message.step} '
                f'is malformed, step must be at least {least}: correct the camera driver'
            )
        if len(message.data) < message.height * message.step:
            raise DecodeError(
                f'image data hold {len(message.data)} bytes, expected height x step = '
                f'{message.height * message.step}: correct the camera driver'
            )
        return self._bridge.imgmsg_to_cv2(
            _packed(message, least), 'passthrough' if self._depth else 'mono8')

    def _unpacked(self, message: Any) -> NDArray:
        if 'compressedDepth' in message.format:
            raise DecodeError(
                f'format is "{message.format}"; subscribe to the raw depth image, or republish '
                'it with image_transport'
            )
        image = _decompressed(bytes(message.data))
        if image is None:
            raise DecodeError(f'{len(message.data)} bytes are no whole "{message.format}" image')
        is_depth = image.ndim == 2 and image.dtype == np.uint16
        self._require(is_depth, f'format is "{message.format}" with {image.dtype} pixels')
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

    def _require(self, is_depth: bool, what: str) -> None:
        if is_depth != self._depth:
            wanted = 'depth (16UC1 or 32FC1)' if self._depth else 'colour or grey'
            raise DecodeError(
                f'{what}, but the bundle takes {wanted} images: remap the camera topic, or choose '
                'another bundle'
            )

    @staticmethod
    def _metres(image: NDArray) -> NDArray[np.float32]:
        if image.dtype.kind == 'u':
            return image.astype(np.float32) / 1000.0
        metres = image.astype(np.float32)
        return np.where(np.isfinite(metres) & (metres > 0.0), metres, np.float32(0.0))

    def _reduced(self, frame: NDArray[np.float32]) -> NDArray[np.float32]:
        height, width = self._size
        rows, columns = frame.shape
        if (rows, columns) == self._size:
            return frame
        scale = min(rows / height, columns / width)
        top = round((rows - scale * height) / 2)
        left = round((columns - scale * width) / 2)
        crop = frame[top:top + round(scale * height), left:left + round(scale * width)]
        reduced = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(reduced, np.float32)


def _packed(message: Any, row_bytes: int) -> SimpleNamespace:
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


def _decompressed(data: bytes) -> NDArray | None:
    """Return the image with its depth and channels, or None if it is not whole.

    Humble's cv_bridge reduces 16 bits to 8, and older OpenCV fills in what a JPEG lacks.
    """
    is_cut = data.startswith(JPEG_START) and data.rfind(JPEG_END) < data.rfind(JPEG_SCAN)
    if is_cut or not data:
        return None
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
