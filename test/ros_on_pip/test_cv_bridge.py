# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""cv_bridge: every encoding that the modalities read, as the released package converts it."""

import importlib.util
import os
import sys
from types import SimpleNamespace

import cv2
from cv_bridge import CvBridge, CvBridgeError
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

ENCODINGS = {
    'rgb8': ('uint8', 3),
    'bgr8': ('uint8', 3),
    'rgba8': ('uint8', 4),
    'bgra8': ('uint8', 4),
    'mono8': ('uint8', 1),
    '16UC1': ('uint16', 1),
    '32FC1': ('float32', 1),
}
REAL = importlib.util.find_spec('cv_bridge.boost') is not None
BYTE_ORDER = pytest.mark.skipif(
    REAL and np.lib.NumpyVersion(np.__version__) >= '2.0.0',
    reason='the released cv_bridge swaps bytes with numpy 1 only')
ANY_DEPTH = pytest.mark.skipif(
    os.environ.get('ROS_DISTRO') == 'humble',
    reason="Humble's cv_bridge reduces compressed images to 8 bits without transparency")
bridge = CvBridge()


def picture(encoding, height=5, width=7):
    """Return an image in which every pixel and channel differs from its neighbours."""
    dtype, channels = ENCODINGS[encoding]
    shape = (height, width) if channels == 1 else (height, width, channels)
    values = np.arange(np.prod(shape)).reshape(shape)
    return (values * (257 if dtype == 'uint16' else 1)).astype(dtype)


def image(encoding, pixels, padding=0, big_endian=False):
    """Return an Image message, with bytes that are no pixels at the end of each row."""
    ordered = pixels.astype(pixels.dtype.newbyteorder('>' if big_endian else '<'))
    rows = [row.tobytes() + b'\xaa' * padding for row in ordered]
    return Image(
        height=pixels.shape[0], width=pixels.shape[1], encoding=encoding, step=len(rows[0]),
        is_bigendian=int(big_endian), data=b''.join(rows))


@pytest.mark.parametrize('big_endian', [False, pytest.param(True, marks=BYTE_ORDER)])
@pytest.mark.parametrize('padding', [0, 12])
@pytest.mark.parametrize('encoding', ENCODINGS)
def test_an_image_message_gives_its_pixels(encoding, padding, big_endian):
    pixels = picture(encoding)
    if padding and pixels.ndim == 3:
        padding = pixels.shape[2] * 4
    got = bridge.imgmsg_to_cv2(image(encoding, pixels, padding, big_endian))
    assert got.shape == pixels.shape
    np.testing.assert_array_equal(got, pixels)


@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'rgba8', 'bgra8', 'mono8'])
@pytest.mark.parametrize(('desired', 'order'), [('rgb8', (0, 1, 2)), ('bgr8', (2, 1, 0))])
def test_colours_come_out_in_the_desired_order(encoding, desired, order):
    red, green, blue = (200, 100, 50)
    rgba = {'r': red, 'g': green, 'b': blue, 'a': 255}
    channels = [90] if encoding == 'mono8' else [rgba[letter] for letter in encoding[:-1]]
    pixels = np.full((2, 3, len(channels)), channels, np.uint8).squeeze()
    expected = [90] * 3 if encoding == 'mono8' else np.array((red, green, blue))[list(order)]
    got = bridge.imgmsg_to_cv2(image(encoding, pixels), desired)
    assert got.shape == (2, 3, 3)
    np.testing.assert_array_equal(got.reshape(-1, 3), np.tile(expected, (6, 1)))


def test_colour_becomes_grey_by_luminance():
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    got = bridge.imgmsg_to_cv2(image('rgb8', pixels), 'mono8')
    np.testing.assert_allclose(got, [[76, 150, 29]], atol=1)


def test_messages_of_other_libraries_convert_too():
    pixels = picture('bgr8')
    message = SimpleNamespace(
        height=5, width=7, encoding='bgr8', step=21, is_bigendian=0, data=pixels.reshape(-1))
    np.testing.assert_array_equal(bridge.imgmsg_to_cv2(message), pixels)


@pytest.mark.skipif(REAL, reason='the released cv_bridge saturates instead')
@pytest.mark.parametrize(('encoding', 'desired'), [('32FC1', '16UC1'), ('mono8', '8SC1')])
def test_a_conversion_that_would_lose_values_is_refused(encoding, desired):
    with pytest.raises(CvBridgeError, match='cannot hold all values'):
        bridge.imgmsg_to_cv2(image(encoding, picture(encoding)), desired)


def test_an_unknown_encoding_is_refused():
    with pytest.raises(CvBridgeError):
        bridge.imgmsg_to_cv2(Image(height=1, width=1, step=1, encoding='ultraviolet', data=b'1'))


def test_data_shorter_than_the_image_is_refused():
    message = Image(height=4, width=4, step=12, encoding='bgr8', data=bytes(40))
    with pytest.raises(TypeError):
        bridge.imgmsg_to_cv2(message)


@pytest.mark.parametrize('encoding', ENCODINGS)
def test_there_and_back(encoding):
    pixels = picture(encoding)
    header = Header(frame_id='camera')
    message = bridge.cv2_to_imgmsg(pixels, encoding, header)
    assert (message.header.frame_id, message.encoding) == ('camera', encoding)
    assert (message.height, message.width) == (5, 7)
    assert message.step == 7 * pixels.itemsize * ENCODINGS[encoding][1]
    np.testing.assert_array_equal(bridge.imgmsg_to_cv2(message), pixels)


def test_passthrough_names_the_type():
    assert bridge.cv2_to_imgmsg(picture('bgr8')).encoding == '8UC3'
    assert bridge.cv2_to_imgmsg(picture('32FC1')).encoding == '32FC1'


@BYTE_ORDER
def test_a_big_endian_array_is_marked():
    pixels = picture('16UC1').astype('>u2')
    message = bridge.cv2_to_imgmsg(pixels, '16UC1')
    assert message.is_bigendian == (1 if sys.byteorder == 'little' else 0)
    np.testing.assert_array_equal(bridge.imgmsg_to_cv2(message), pixels)


def test_an_array_of_another_type_than_its_encoding_is_refused():
    with pytest.raises(CvBridgeError):
        bridge.cv2_to_imgmsg(picture('16UC1'), 'bgr8')


def test_something_that_is_no_array_is_refused():
    with pytest.raises(TypeError):
        bridge.cv2_to_imgmsg([[1, 2], [3, 4]])


@pytest.mark.parametrize('encoding', [
    'bgr8', 'mono8', *(pytest.param(name, marks=ANY_DEPTH) for name in ('bgra8', '16UC1')),
])
def test_png_keeps_depth_and_channels(encoding):
    pixels = picture(encoding)
    message = bridge.cv2_to_compressed_imgmsg(pixels, 'png')
    got = bridge.compressed_imgmsg_to_cv2(message)
    assert message.format == 'png'
    assert got.dtype == pixels.dtype
    np.testing.assert_array_equal(got, pixels)


def test_jpeg_comes_out_in_the_desired_order():
    blue = np.full((16, 16, 3), (200, 10, 10), np.uint8)
    message = bridge.cv2_to_compressed_imgmsg(blue)
    assert message.format == 'jpg'
    np.testing.assert_allclose(
        bridge.compressed_imgmsg_to_cv2(message)[8, 8], (200, 10, 10), atol=4)
    np.testing.assert_allclose(
        bridge.compressed_imgmsg_to_cv2(message, 'rgb8')[8, 8], (10, 10, 200), atol=4)


@ANY_DEPTH
def test_compressed_messages_of_other_libraries_convert_too():
    pixels = picture('16UC1')
    data = cv2.imencode('.png', pixels)[1].reshape(-1)
    message = SimpleNamespace(format='16UC1; png compressed', data=data)
    np.testing.assert_array_equal(bridge.compressed_imgmsg_to_cv2(message), pixels)


def test_data_that_is_no_image_gives_none():
    assert bridge.compressed_imgmsg_to_cv2(CompressedImage(format='png', data=b'no png')) is None
