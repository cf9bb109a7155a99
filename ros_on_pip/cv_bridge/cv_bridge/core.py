# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""CvBridge: what cv_bridge adds to rosbags-image.

rosbags-image knows the encodings and the colour conversions. Row padding, 16-bit and transparent
compressed images, messages with list data and the way back to messages are added here.
"""

from array import array
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
from rosbags.image import image_to_cvimage, ImageError
from rosbags.image.image import Format, to_cvtype
from sensor_msgs.msg import CompressedImage, Image

DEPTHS = {
    'uint8': '8U',
    'int8': '8S',
    'uint16': '16U',
    'int16': '16S',
    'int32': '32S',
    'float32': '32F',
    'float64': '64F',
}
DECODED_ENCODINGS = {
    '8UC1': 'mono8',
    '8UC3': 'bgr8',
    '8UC4': 'bgra8',
    '16UC1': 'mono16',
    '16UC3': 'bgr16',
    '16UC4': 'bgra16',
}


class CvBridgeError(TypeError):
    """An image cannot be converted as asked."""


class CvBridge:
    """Convert image messages, of rclpy or of the same shape, to OpenCV arrays and back."""

    def dtype_with_channels_to_cvtype2(self, dtype: np.dtype, n_channels: int) -> str:
        """Return the OpenCV name of an array type, such as ``8UC3``.

        :raises CvBridgeError: if OpenCV has no such type
        """
        if dtype.name not in DEPTHS:
            raise CvBridgeError(f'no image encoding holds {dtype.name}, use one of {set(DEPTHS)}')
        return f'{DEPTHS[dtype.name]}C{n_channels}'

    def encoding_to_dtype_with_channels(self, encoding: str) -> tuple[str, int]:
        """Return the element type and the number of channels of an encoding.

        :raises CvBridgeError: if the encoding is unknown
        """
        try:
            _, _, dtype, channels = to_cvtype(encoding)
        except ImageError as error:
            raise CvBridgeError(str(error)) from error
        return dtype, channels

    def imgmsg_to_cv2(self, img_msg: Any, desired_encoding: str = 'passthrough') -> np.ndarray:
        """Convert an Image message.

        :param desired_encoding: encoding of the result; ``passthrough`` keeps the message's own
        :return: (height, width) for one channel, else (height, width, channels), in the byte
            order of this machine; unpadded data is not copied
        :raises CvBridgeError: if an encoding is unknown, the data too short or no conversion known
        """
        name, channels = self.encoding_to_dtype_with_channels(img_msg.encoding)
        dtype = np.dtype(name)
        data = bytes(img_msg.data) if isinstance(img_msg.data, list) else img_msg.data
        rows = np.frombuffer(data, np.uint8)
        used = img_msg.width * channels * dtype.itemsize
        if img_msg.step < used or rows.size < img_msg.height * img_msg.step:
            raise CvBridgeError(
                f'a {img_msg.width} x {img_msg.height} {img_msg.encoding} image with a step of '
                f'{img_msg.step} does not fit {rows.size} bytes of data and {used} bytes a row')
        if img_msg.step % (channels * dtype.itemsize):
            raise CvBridgeError(
                f'a step of {img_msg.step} is not whole {img_msg.encoding} pixels, which the '
                'released cv_bridge takes for another image')
        rows = rows[:img_msg.height * img_msg.step].reshape(img_msg.height, img_msg.step)
        return _convert(
            np.ascontiguousarray(rows[:, :used]), img_msg.height, img_msg.width,
            img_msg.encoding, desired_encoding, big_endian=bool(img_msg.is_bigendian))

    def compressed_imgmsg_to_cv2(
        self, cmprs_img_msg: Any, desired_encoding: str = 'passthrough',
    ) -> np.ndarray | None:
        """Convert a CompressedImage message.

        :param desired_encoding: encoding of the result; ``passthrough`` keeps depth and channels
            as compressed, colours in the order BGR
        :return: the image, or None if ``passthrough`` data is no image that OpenCV can read
        :raises CvBridgeError: if the conversion is not known or there is no image to convert
        """
        data = cmprs_img_msg.data
        buffer = np.frombuffer(bytes(data) if isinstance(data, list) else data, np.uint8)
        image = cv2.imdecode(buffer, cv2.IMREAD_UNCHANGED) if buffer.size else None
        if desired_encoding == 'passthrough':
            return image
        if image is None:
            raise CvBridgeError(
                f'{buffer.size} bytes of format {cmprs_img_msg.format!r} are no readable image')
        cv_type = self._cv_type(image)
        encoding = DECODED_ENCODINGS.get(cv_type, cv_type)
        height, width = image.shape[:2]
        return _convert(image, height, width, encoding, desired_encoding)

    def cv2_to_imgmsg(
        self, cvim: np.ndarray, encoding: str = 'passthrough', header: Any = None,
    ) -> Image:
        """Convert an array to an Image message.

        :param cvim: (height, width) or (height, width, channels)
        :param encoding: what the array holds; ``passthrough`` names its type, such as ``8UC3``
        :param header: header of the message
        :raises TypeError: if the image is not a numpy array
        :raises CvBridgeError: if the array's type does not match the encoding
        """
        cv_type = self._cv_type(cvim)
        message = Image(height=cvim.shape[0], width=cvim.shape[1], encoding=cv_type)
        if header is not None:
            message.header = header
        if encoding != 'passthrough':
            name, channels = self.encoding_to_dtype_with_channels(encoding)
            if f'{DEPTHS[name]}C{channels}' != cv_type:
                raise CvBridgeError(f'an image of type {cv_type} cannot be encoded as {encoding}')
            message.encoding = encoding
        message.is_bigendian = cvim.dtype.byteorder == '>'
        message.data = array('B', cvim.tobytes())
        message.step = len(message.data) // message.height
        return message

    def cv2_to_compressed_imgmsg(
        self, cvim: np.ndarray, dst_format: str = 'jpg',
    ) -> CompressedImage:
        """Compress an array to a CompressedImage message.

        :param cvim: (height, width) or (height, width, channels), colours in the order BGR
        :param dst_format: a file suffix that OpenCV can write: jpg, png, tiff, ...
        :raises TypeError: if the image is not a numpy array
        :raises CvBridgeError: if the format cannot hold the array
        """
        self._cv_type(cvim)
        try:
            _, data = cv2.imencode(f'.{dst_format}', cvim)
        except cv2.error as error:
            raise CvBridgeError(
                f'an image of type {self._cv_type(cvim)} cannot be compressed as {dst_format}: '
                f'{error}') from error
        return CompressedImage(format=dst_format, data=array('B', data.tobytes()))

    def _cv_type(self, image: Any) -> str:
        if not isinstance(image, np.ndarray):
            raise TypeError(f'the image is a {type(image).__name__}, not a numpy array')
        channels = 1 if image.ndim < 3 else image.shape[2]
        return self.dtype_with_channels_to_cvtype2(image.dtype, channels)


def _convert(
    data: np.ndarray, height: int, width: int, encoding: str, desired: str,
    *, big_endian: bool = False,
) -> np.ndarray:
    image: Any = SimpleNamespace(
        height=height, width=width, encoding=encoding, data=data, is_bigendian=big_endian)
    if desired == 'passthrough':
        desired = encoding
    try:
        _, kind, held, _ = to_cvtype(encoding)
        _, wanted, dtype, channels = to_cvtype(desired)
        if not np.can_cast(held, dtype) and (held, dtype) != ('uint16', 'uint8'):
            raise CvBridgeError(
                f'{desired} cannot hold all values of {encoding}: convert the array yourself')
        converted = image_to_cvimage(image, desired)
    except (ImageError, cv2.error) as error:
        raise CvBridgeError(str(error)) from error
    shape = (height, width) if channels == 1 else (height, width, channels)
    no_colour = desired != encoding and kind == Format.GENERIC != wanted
    if no_colour or (converted.dtype, converted.shape) != (np.dtype(dtype), shape):
        raise CvBridgeError(f'an image of encoding {encoding} cannot be converted to {desired}')
    return converted
