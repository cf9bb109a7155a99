# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The pixels of image messages, in every encoding that cameras send."""

import sys
from types import SimpleNamespace
from typing import Any, NamedTuple

import cv2
from dcat_ros.modalities.base import DecodeError
from dcat_ros.modalities.images.compressed_depth import decoded_depth
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

JPEG_START, JPEG_SCAN, JPEG_END = b'\xff\xd8', b'\xff\xda', b'\xff\xd9'


class Encoding(NamedTuple):
    """How an encoding stores a pixel.

    :param layout: OpenCV's type of an element.
    :param to_grey: OpenCV's conversions to grey.
    :param to_bgr: OpenCV's conversions to blue, green, red.
    :param rows: stored rows for each row of the image.
    """

    layout: str
    to_grey: tuple[int, ...]
    to_bgr: tuple[int, ...]
    rows: float = 1.0

    @property
    def sample_bytes(self) -> int:
        """Return the bytes of one number."""
        return int(self.layout[:-3]) // 8

    @property
    def pixel_bytes(self) -> int:
        """Return the bytes of a pixel in a stored row."""
        return self.sample_bytes * int(self.layout[-1])


def _colours(to_bgr: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the conversions of an encoding that OpenCV makes grey only by way of colours.

    It can take the brightness of YUV as grey, but that has another range than grey.
    """
    return (to_bgr, cv2.COLOR_BGR2GRAY), (to_bgr,)


_RGB = (cv2.COLOR_RGB2GRAY,), (cv2.COLOR_RGB2BGR,)
_BGR = (cv2.COLOR_BGR2GRAY,), ()
_RGBA = (cv2.COLOR_RGBA2GRAY,), (cv2.COLOR_RGBA2BGR,)
_BGRA = (cv2.COLOR_BGRA2GRAY,), (cv2.COLOR_BGRA2BGR,)
_GREY = (), (cv2.COLOR_GRAY2BGR,)
_UYVY, _YUY2 = _colours(cv2.COLOR_YUV2BGR_UYVY), _colours(cv2.COLOR_YUV2BGR_YUY2)
_NV12, _NV21 = _colours(cv2.COLOR_YUV2BGR_NV12), _colours(cv2.COLOR_YUV2BGR_NV21)
_PATTERNS = {  # OpenCV names a pattern by the second row's pixels from the second one on
    'rggb': _colours(cv2.COLOR_BayerBG2BGR), 'bggr': _colours(cv2.COLOR_BayerRG2BGR),
    'gbrg': _colours(cv2.COLOR_BayerGR2BGR), 'grbg': _colours(cv2.COLOR_BayerGB2BGR),
}
ENCODINGS = {
    'rgb8': Encoding('8UC3', *_RGB), 'bgr8': Encoding('8UC3', *_BGR),
    'rgba8': Encoding('8UC4', *_RGBA), 'bgra8': Encoding('8UC4', *_BGRA),
    'mono8': Encoding('8UC1', *_GREY),
    '8UC1': Encoding('8UC1', *_GREY), '8UC3': Encoding('8UC3', *_BGR),
    '8UC4': Encoding('8UC4', *_BGRA),
    'rgb16': Encoding('16UC3', *_RGB), 'bgr16': Encoding('16UC3', *_BGR),
    'rgba16': Encoding('16UC4', *_RGBA), 'bgra16': Encoding('16UC4', *_BGRA),
    'yuv422': Encoding('8UC2', *_UYVY), 'uyvy': Encoding('8UC2', *_UYVY),
    'yuv422_yuy2': Encoding('8UC2', *_YUY2), 'yuyv': Encoding('8UC2', *_YUY2),
    'nv12': Encoding('8UC1', *_NV12, rows=1.5),
    'nv21': Encoding('8UC1', *_NV21, rows=1.5),
    **{f'bayer_{name}8': Encoding('8UC1', *codes) for name, codes in _PATTERNS.items()},
    **{f'bayer_{name}16': Encoding('16UC1', *codes) for name, codes in _PATTERNS.items()},
    '16UC1': Encoding('16UC1', (), ()), 'mono16': Encoding('16UC1', (), ()),
    '32FC1': Encoding('32FC1', (), ()),
}
"""Those of sensor_msgs/image_encodings.hpp, and the names that drivers made up.

8UC3 and 8UC4, which name no colours, are taken for blue, green, red.
"""
DEPTH_ENCODINGS = ('16UC1', 'mono16', '32FC1')


def pixels(message: Any, in_colour: bool = False) -> NDArray[Any]:
    """Return the pixels of a sensor_msgs/Image or CompressedImage.

    :param in_colour: whether colours are wanted; else an image without depth is made grey.
    :returns: uint8 grey (rows, columns), uint8 blue, green, red (rows, columns, 3), or depth:
        uint16 millimetres or float32 metres (rows, columns).
    :raises DecodeError: if the message is incomplete or of an unknown encoding.
    """
    try:
        if hasattr(message, 'step'):
            return _raw(message, in_colour)
        return _compressed(message, in_colour)
    except (ImageError, cv2.error) as error:
        raise DecodeError(f'image cannot be converted: {error}') from error


def _raw(message: Any, in_colour: bool) -> NDArray[Any]:
    encoding = ENCODINGS.get(message.encoding)
    if encoding is None:
        raise DecodeError(
            f'encoding is "{message.encoding}", expected one of {", ".join(ENCODINGS)}: '
            "set the camera driver's output encoding"
        )
    stored = image_to_cvimage(_unpadded(message, encoding))
    if message.encoding in DEPTH_ENCODINGS:
        return stored
    return _converted(stored, encoding.to_bgr if in_colour else encoding.to_grey)


def _converted(image: NDArray[Any], codes: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return an image of 8 or 16 bits in 8 bits, after conversions of its colours."""
    found: NDArray[Any] = image if image.dtype == np.uint8 else (image // 256).astype(np.uint8)
    for code in codes:
        found = cv2.cvtColor(found, code)
    return found


def _unpadded(message: Any, encoding: Encoding) -> Any:
    """Return an image message without row padding, in the byte order of this machine.

    cv_bridge drops padding only by whole pixels, and swaps bytes only with numpy 1. The encoding
    becomes its layout, since no cv_bridge knows all names.
    """
    row_bytes = message.width * encoding.pixel_bytes
    height = round(message.height * encoding.rows)
    if not (message.height and message.width and message.step >= row_bytes):
        raise DecodeError(
            f'a {message.width} x {message.height} {message.encoding} image with step '
            f'{message.step} is malformed, step must be at least {row_bytes}: correct the camera '
            'driver'
        )
    if len(message.data) < height * message.step:
        raise DecodeError(
            f'image data hold {len(message.data)} bytes, expected height x step = '
            f'{height * message.step}: correct the camera driver'
        )
    rows = np.frombuffer(message.data, np.uint8)[:height * message.step]
    rows = rows.reshape(height, message.step)[:, :row_bytes]
    big_endian = sys.byteorder == 'big'
    if encoding.sample_bytes > 1 and bool(message.is_bigendian) != big_endian:
        rows = rows.reshape(height, -1, encoding.sample_bytes)[..., ::-1]
    return SimpleNamespace(
        height=height, width=message.width, encoding=encoding.layout, step=row_bytes,
        is_bigendian=int(big_endian), data=np.ascontiguousarray(rows).reshape(-1))


def _compressed(message: Any, in_colour: bool) -> NDArray[Any]:
    data = bytes(message.data)
    if 'compressedDepth' in message.format:
        return decoded_depth(message.format, data)
    # Older versions of OpenCV fill in what a JPEG lacks.
    is_cut = data.startswith(JPEG_START) and data.rfind(JPEG_END) < data.rfind(JPEG_SCAN)
    image = None
    if data and not is_cut:
        # Not by cv_bridge: Humble's reduces 16 bits to 8.
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise DecodeError(f'{len(data)} bytes are not a complete "{message.format}" image')
    if image.ndim == 2 and image.dtype == np.uint16:
        return image
    if image.dtype not in (np.uint8, np.uint16):
        raise DecodeError(
            f'format is "{message.format}" with {image.dtype} pixels, expected 8 or 16 bits: '
            "set the camera driver's output encoding"
        )
    to_grey, to_bgr = _GREY if image.ndim == 2 else _BGRA if image.shape[2] == 4 else _BGR
    return _converted(image, to_bgr if in_colour else to_grey)
