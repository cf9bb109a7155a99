# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The last messages of a filter, found again by time."""

from collections import deque
from typing import Any

from rclpy.time import Time

from .simple_filter import SimpleFilter
from .stamps import stamp_of


class Cache(SimpleFilter):
    """Keep the newest messages of a filter and signal each one on.

    :param f: filter to listen to
    :param cache_size: number of messages kept
    :param allow_headerless: file messages without a header stamp under the time of arrival
    """

    def __init__(self, f: SimpleFilter, cache_size: int = 1, allow_headerless: bool = False):
        super().__init__()
        self.cache_size = cache_size
        self.allow_headerless = allow_headerless
        self._entries: deque[tuple[Time, Any]] = deque(maxlen=cache_size)
        self.connectInput(f)

    @property
    def cache_msgs(self) -> list[Any]:
        """Messages kept, in order of arrival."""
        return [msg for _, msg in list(self._entries)]

    @property
    def cache_times(self) -> list[Time]:
        """Return the times of the messages kept, in order of arrival."""
        return [time for time, _ in list(self._entries)]

    def connectInput(self, f: SimpleFilter) -> None:  # noqa: N802
        """Listen to a filter."""
        self.incoming_connection = f.registerCallback(self.add)

    def add(self, msg: Any) -> None:
        """Keep a message and signal it."""
        stamp = stamp_of(msg, allow_headerless=self.allow_headerless)
        if stamp is not None:
            self._entries.append((stamp, msg))
            self.signalMessage(msg)

    def getInterval(self, from_stamp: Time, to_stamp: Time) -> list[Any]:  # noqa: N802
        """Return the messages between two times, both included.

        :raises AssertionError: if the interval ends before it starts
        """
        assert from_stamp <= to_stamp, f'interval ends at {to_stamp}, before {from_stamp}'
        return [msg for time, msg in list(self._entries) if from_stamp <= time <= to_stamp]

    def getElemAfterTime(self, stamp: Time) -> Any:  # noqa: N802
        """Return the first message received at or after a time, None if there is none."""
        return next((msg for time, msg in list(self._entries) if time >= stamp), None)

    def getElemBeforeTime(self, stamp: Time) -> Any:  # noqa: N802
        """Return the last message received at or before a time, None if there is none."""
        return next((msg for time, msg in reversed(list(self._entries)) if time <= stamp), None)

    def getLatestTime(self) -> Time | None:  # noqa: N802
        """Return the time of the last message, None for an empty cache."""
        return self._entries[-1][0] if self._entries else None

    getLastestTime = getLatestTime  # noqa: N815  (the spelling up to message_filters 7.0.0)

    def getOldestTime(self) -> Time | None:  # noqa: N802
        """Return the time of the first message kept, None for an empty cache."""
        return self._entries[0][0] if self._entries else None

    def getLast(self) -> Any:  # noqa: N802
        """Return the last message, None for an empty cache."""
        return self._entries[-1][1] if self._entries else None
