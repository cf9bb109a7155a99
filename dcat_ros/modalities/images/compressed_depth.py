# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Depth images as image_transport's plug-in compressedDepth sends them."""

import struct
from typing import Any

import cv2
from dcat_ros.modalities.base import DecodeError
import numpy as np
from numpy.typing import NDArray

HEADER = struct.Struct('<iff')
"""The codec, then two numbers with which 32FC1 is coded as inverse depth."""
SIZE = struct.Struct('<ii')
"""Columns and rows, which RVL lacks."""
MOST_PIXELS = 2**26


def decoded_depth(format_: str, data: bytes) -> NDArray[Any]:
    """Return the depth image (rows, columns): uint16 millimetres, or float32 metres.

    :param format_: CompressedImage.format, such as ``16UC1; compressedDepth png``.
    :raises DecodeError: if the data are incomplete, or of another codec than PNG or RVL.
    """
    if len(data) <= HEADER.size:
        raise DecodeError(f'{len(data)} bytes are not a complete "{format_}" image')
    _, gain, offset = HEADER.unpack_from(data)
    body = data[HEADER.size:]
    is_rvl = format_.rstrip().endswith('rvl')
    image = decoded_rvl(body) if is_rvl else cv2.imdecode(
        np.frombuffer(body, np.uint8), cv2.IMREAD_UNCHANGED
    )
    if image is None or image.ndim != 2 or image.dtype != np.uint16:
        raise DecodeError(
            f'{len(data)} bytes are not a complete "{format_}" image of 16 bits: let '
            'image_transport publish it as png or rvl'
        )
    if not format_.startswith('32FC1'):
        return image
    steps = image.astype(np.float32)
    with np.errstate(divide='ignore', invalid='ignore'):
        metres = np.float32(gain) / (steps - np.float32(offset))
    return np.where((image > 0) & np.isfinite(metres), metres, np.float32(0.0))


def decoded_rvl(data: bytes) -> NDArray[np.uint16] | None:
    """Return an image (rows, columns) of RVL, None if the data are incomplete.

    RVL (A. D. Wilson, "Fast Lossless Depth Image Compression", ISS 2017) is a sequence of numbers:
    how many pixels are 0, how many are not, and for each of those its difference from the pixel
    before that is not 0. A number is a sequence of groups of 3 bits, the lowest ones first.
    """
    if len(data) < SIZE.size:
        return None
    columns, rows = SIZE.unpack_from(data)
    if not (columns > 0 and rows > 0 and columns * rows <= MOST_PIXELS):
        return None
    numbers = _numbers(data[SIZE.size:len(data) - len(data) % 4])
    pixels = np.zeros(columns * rows, np.int64)
    at = read = previous = 0
    while at < len(pixels):
        if read + 1 >= len(numbers):
            return None
        at += int(numbers[read])
        count = int(numbers[read + 1])
        codes = numbers[read + 2:read + 2 + count]
        read += 2 + count
        if len(codes) < count or at + count > len(pixels) or at < 0:
            return None
        if count:
            differences = (codes >> 1) ^ -(codes & 1)
            pixels[at:at + count] = previous + np.cumsum(differences)
            at += count
            previous = int(pixels[at - 1])
    if at > len(pixels) or pixels.min() < 0 or pixels.max() > np.iinfo(np.uint16).max:
        return None
    return pixels.astype(np.uint16).reshape(rows, columns)


def _numbers(data: bytes) -> NDArray[np.int64]:
    """Return the numbers that words of 32 bits hold, from their highest four bits on."""
    words = np.frombuffer(data, '<u4')
    nibbles = (words[:, None] >> np.arange(28, -4, -4, dtype=np.uint32)).reshape(-1) & 15
    is_last = nibbles < 8
    first = np.append(0, np.flatnonzero(is_last)[:-1] + 1)
    if not is_last.any():
        return np.zeros(0, np.int64)
    complete = nibbles[:np.flatnonzero(is_last)[-1] + 1].astype(np.int64)
    number = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(complete))))
    place = np.minimum(np.arange(len(complete)) - first[number], 20)
    return np.add.reduceat((complete & 7) << (3 * place), first)
