# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Stamp and frame of a serialised message, without deserialising it."""

import struct

from dcat_ros.modalities.base import DecodeError, NANOSECONDS

ENCAPSULATION = 4


def header_stamp(raw: bytes) -> int:
    """Return the stamp in ns of a CDR message that begins with a std_msgs/Header.

    The encapsulation is followed by int32 seconds and uint32 nanoseconds. Its second byte gives
    the byte order (OMG DDSI-RTPS 10.2).

    :raises DecodeError: if there are too few bytes for a stamp.
    """
    if len(raw) < ENCAPSULATION + 8:
        raise DecodeError(f'message has {len(raw)} bytes, too few for a header')
    order = '<' if raw[1] & 1 else '>'
    seconds, nanoseconds = struct.unpack_from(f'{order}iI', raw, ENCAPSULATION)
    return seconds * NANOSECONDS + nanoseconds


def header_frame(raw: bytes) -> str:
    """Return the frame_id of a CDR message that begins with a std_msgs/Header.

    :raises DecodeError: if there are too few bytes for it, or it is not UTF-8.
    """
    order = '<' if raw[1:2] and raw[1] & 1 else '>'
    begin = ENCAPSULATION + 12
    try:
        length, = struct.unpack_from(f'{order}I', raw, begin - 4)
        frame = raw[begin:begin + length].decode()
    except (struct.error, UnicodeDecodeError) as error:
        raise DecodeError(f'message of {len(raw)} bytes has no readable frame_id') from error
    if begin + length > len(raw):
        raise DecodeError(f'frame_id of {length} bytes in a message of {len(raw)} bytes')
    return frame.rstrip('\0')
