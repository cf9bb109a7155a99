# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The queue between the receiver thread and the writer thread, bounded in bytes."""

from __future__ import annotations

from collections import deque
import threading
from typing import NamedTuple

from dcat_ros.recording.session_topic import SessionTopic


class Message(NamedTuple):
    """A serialised message, its topic and its bag time (ns)."""

    topic: SessionTopic
    data: bytes
    bag_time: int


class QueueClosed(Exception):  # noqa: N818 - not an error, but the end
    """The queue accepts no more messages."""


class MessageQueue:
    """Holds messages until the writer takes all of them, and counts their bytes until released.

    The writer wakes up when `WAKE_SIZE` bytes are queued, or after its own timeout: waking it for
    each message would cost more than writing.

    :param limit: bytes; a single message may exceed it if the queue is empty.
    """

    WAKE_SIZE = 2**21

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.waits = 0
        self.closed = False
        self._messages: deque[Message] = deque()
        self._lock = threading.Lock()
        self._has_room = threading.Condition(self._lock)
        self._wake = threading.Event()

    def put(self, message: Message) -> bool:
        """Queue a message; return False if it must be dropped.

        Without room, a message of a droppable topic is refused, and any other message waits.

        :raises QueueClosed: after `close`.
        """
        size = len(message.data)
        with self._lock:
            if self.closed:
                raise QueueClosed
            if not self._fits(size):
                if message.topic.may_drop:
                    return False
                self.waits += 1
                self._wake.set()
                self._has_room.wait_for(lambda: self._fits(size))
            if self.closed:
                return False
            self._messages.append(message)
            self.size += size
            if self.size >= self.WAKE_SIZE:
                self._wake.set()
        return True

    def take_all(self, timeout: float) -> deque[Message]:
        """Return all queued messages, after at most `timeout` seconds.

        Pop messages from the returned deque, so that their memory is freed one by one.
        """
        self._wake.wait(timeout)
        with self._lock:
            self._wake.clear()
            taken, self._messages = self._messages, deque()
        return taken

    def release(self, message: Message) -> None:
        """Free the room of a message that was taken."""
        with self._lock:
            self.size -= len(message.data)
            self._has_room.notify()

    def close(self) -> None:
        """Refuse further messages, and release a waiting `put`."""
        with self._lock:
            self.closed = True
            self._wake.set()
            self._has_room.notify_all()

    def _fits(self, size: int) -> bool:
        return self.closed or not self.size or self.size + size <= self.limit
