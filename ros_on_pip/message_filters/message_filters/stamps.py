# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The time that a filter files a message under."""

from typing import Any

from rclpy.clock import ROSClock
from rclpy.logging import get_logger
from rclpy.time import Time


def header_stamp(msg: Any) -> Time | None:
    """Return the header stamp of a message, None for a message without one."""
    stamp = getattr(getattr(msg, 'header', None), 'stamp', None)
    if stamp is None or hasattr(stamp, 'nanoseconds'):
        return stamp
    return Time.from_msg(stamp)


def stamp_of(msg: Any, *, allow_headerless: bool) -> Time | None:
    """Return the time of a message: its header stamp, else the time now where that is allowed.

    None, with a warning, means that the message has no stamp and must be left out.
    """
    stamp = header_stamp(msg)
    if stamp is not None:
        return stamp
    if allow_headerless:
        return ROSClock().now()
    get_logger('message_filters').warning(
        f'{type(msg).__name__} has no header stamp and is left out: '
        'allow_headerless=True files it under the time of its arrival',
        throttle_duration_sec=10.0)
    return None
