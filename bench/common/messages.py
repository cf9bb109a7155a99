# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Serialised messages whose header stamps are set when they are published or written."""

from __future__ import annotations

import struct
from typing import Any

from dcat_ros.bags.types import typestore

SECOND = 10**9
STAMP = slice(4, 12)
"""Bytes of the header's stamp in a serialised message."""


def serialise(message: Any) -> bytes:
    """Return a message's CDR bytes."""
    return bytes(typestore().serialize_cdr(message, message.__msgtype__))


def stamped(data: bytes, stamp: int) -> bytes:
    """Return a serialised message with another header stamp, in ns."""
    packed = struct.pack('<iI', *divmod(stamp, SECOND))
    return b''.join((data[:STAMP.start], packed, data[STAMP.stop:]))
