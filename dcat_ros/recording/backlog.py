# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A queue between one receiver and one writer, bounded in bytes."""

from __future__ import annotations

from collections import deque
import threading
from typing import NamedTuple

from dcat_ros.recording.tally import Tally


class Message(NamedTuple):
    """A serialised message, its topic and its bag time (ns)."""

    tally: Tally
    data: bytes
    stamp: int


class Closed(Exception):  # noqa: N818 - not an error, but the end
    """The backlog takes no more messages."""


class Backlog:
    """Holds messages until the writer takes them all at once, and counts them until released.

    The writer is woken when a chunk's worth waits, else it looks in by itself: waking it for each
    message would cost more than writing.

    ``closed`` tells that no more will come.

    :param limit: bytes; a single message may exceed it when nothing else waits.
    """

    WORTH_WAKING = 2**21

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.waited = 0
        self._messages: deque[Message] = deque()
        self._lock = threading.Lock()
        self._has_room = threading.Condition(self._lock)
        self._worth_taking = threading.Event()
        self.closed = False

    def put(self, message: Message) -> bool:
        """Queue a message; return False where it must be dropped.

        Where there is no room, a message whose topic may drop is refused, any other one waits.

        :raises Closed: after `close`.
        """
        size = len(message.data)
        with self._lock:
            if self.closed:
                raise Closed
            if not self._fits(size):
                if message.tally.may_drop:
                    return False
                self.waited += 1
                self._worth_taking.set()
                self._has_room.wait_for(lambda: self._fits(size))
            if self.closed:
                return False
            self._messages.append(message)
            self.size += size
            if self.size >= self.WORTH_WAKING:
                self._worth_taking.set()
        return True

    def take(self, timeout: float) -> deque[Message]:
        """Return all that waits, after at most so many seconds.

        Who takes a message out of it gives the memory free.
        """
        self._worth_taking.wait(timeout)
        with self._lock:
            self._worth_taking.clear()
            taken, self._messages = self._messages, deque()
        return taken

    def release(self, message: Message) -> None:
        """Free the room of a message that was taken."""
        with self._lock:
            self.size -= len(message.data)
            self._has_room.notify()

    def close(self) -> None:
        """Refuse further messages, and release who waits."""
        with self._lock:
            self.closed = True
            self._worth_taking.set()
            self._has_room.notify_all()

    def _fits(self, size: int) -> bool:
        return self.closed or not self.size or self.size + size <= self.limit
