# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Labels as serialised std_msgs/String."""

from typing import Any

from dcat_ros.bags.messages import text
from dcat_ros.bags.types import typestore
from dcat_ros.modalities import DecodeError

STRING = 'std_msgs/msg/String'


def label_message(label: str) -> bytes:
    """Return the message that says a label."""
    return bytes(typestore().serialize_cdr(text(label), STRING))


def label_of(raw: bytes) -> str:
    """Return the text of such a message.

    :raises DecodeError: if the bytes are none.
    """
    try:
        message: Any = typestore().deserialize_cdr(raw, STRING)
    except Exception as error:
        raise DecodeError(f'{len(raw)} bytes are no {STRING}') from error
    return message.data
