# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A recording session: a writer thread takes the received messages and writes a bag."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
import threading
import time

from dcat_ros.bags.storage import BagStorage, StorageOptions
from dcat_ros.recording.message_queue import Message, MessageQueue, QueueClosed
from dcat_ros.recording.resources import release_reserve, reserve_space
from dcat_ros.recording.session_topic import SessionTopic

FLUSH_PERIOD = 0.25
LONGEST_SLEEP = 0.05


class Session:
    """Writes one bag in a thread of its own.

    One thread calls `add_message`, another one everything else. ``failure`` says why nothing more
    can be written, '' if all is well; messages after a failure count as dropped. ``bag_time`` is
    that of the newest message in ns.

    :param directory: the bag, which must not exist yet; its parents are created.
    :param note: the part of `custom_data` that is known already.
    :param options: how the bag is stored.
    :param queue_limit: bytes that may wait for the disk.
    :raises FileExistsError: if the directory exists.
    :raises OSError: if the bag cannot be created.
    """

    def __init__(
        self,
        directory: Path,
        note: Mapping[str, str] | None = None,
        options: StorageOptions | None = None,
        queue_limit: int = 2**29,
    ) -> None:
        self.directory = directory
        self.failure = ''
        self.topics: dict[str, SessionTopic] = {}
        self.bag_time = 0
        self._queue = MessageQueue(queue_limit)
        directory.parent.mkdir(parents=True, exist_ok=True)
        if directory.exists():
            raise FileExistsError(f'{directory} exists already, not overwriting')
        self._files = BagStorage(
            directory, directory.name, note or {}, options or StorageOptions()
        )
        try:
            reserve_space(directory)
            self._files.flush()
        except OSError:
            self._files.remove()
            raise
        self._flushed = time.monotonic()
        self._thread = threading.Thread(target=self._write_queue, name='bag writer', daemon=True)
        self._thread.start()

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._files.size

    @property
    def queued(self) -> int:
        """Bytes that wait for the disk."""
        return self._queue.size

    @property
    def waits(self) -> int:
        """How often the receiver thread had to wait for the disk."""
        return self._queue.waits

    @property
    def dropped(self) -> int:
        """Messages dropped so far."""
        return sum(topic.dropped for topic in self.topics.values())

    def add_topic(self, topic: SessionTopic) -> None:
        """Add a topic, before its first message."""
        self.topics[topic.name] = topic

    def add_message(self, topic: SessionTopic, data: bytes, now: int) -> None:
        """Queue a message; after `drain` it is ignored.

        :param topic: one that was added.
        :param now: time of arrival, ns. Bag time never goes back, so a smaller value is replaced
            by the bag time of the message before.
        """
        bag_time = max(now, self.bag_time)
        try:
            queued = self._queue.put(Message(topic, data, bag_time))
        except QueueClosed:
            return
        self.bag_time = bag_time
        topic.count_received(bag_time)
        if not queued:
            topic.dropped += 1

    def drain(self) -> None:
        """Accept no more messages, and write all queued ones."""
        self._queue.close()
        self._thread.join()
        release_reserve(self.directory)

    def append(self, topic: SessionTopic, data: bytes, now: int) -> None:
        """Write one more message after `drain`; parameters as of `add_message`."""
        self.bag_time = max(now, self.bag_time)
        topic.count_received(self.bag_time)
        self._write_or_fail(Message(topic, data, self.bag_time))

    def close(self, custom: Mapping[str, str]) -> None:
        """Close the bag after `drain`.

        :param custom: the rest of `custom_data`.
        :raises OSError: if the bag cannot be closed; `recover` restores it.
        """
        self._files.close(custom)

    def _write_queue(self) -> None:
        """Write what is queued until the queue is closed and empty; runs in the writer thread."""
        closing = False
        while not closing:
            closing = self._queue.closed
            messages = self._queue.take_all(LONGEST_SLEEP)
            while messages:
                self._handle(messages.popleft())
            if not self.failure and (
                closing or time.monotonic() - self._flushed >= FLUSH_PERIOD
            ):
                self._write_or_fail(None)

    def _handle(self, message: Message) -> None:
        """Write or drop a message; a method, so that an idle writer holds no message."""
        if self.failure:
            message.topic.dropped += 1
        else:
            self._write_or_fail(message)
        self._queue.release(message)

    def _write_or_fail(self, message: Message | None) -> None:
        """Write a message, or flush the pending ones; let the session fail on any error."""
        try:
            if message is None:
                self._flushed = time.monotonic()
                self._files.flush()
            else:
                self._write(message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the receiver must not block
            if message is not None:
                message.topic.dropped += 1
            self._fail(error)

    def _write(self, message: Message) -> None:
        topic = message.topic
        if topic.name not in self._files:
            self._files.add_topic(topic.name, topic.definition, topic.profiles)
        self._files.write(topic.name, message.data, message.bag_time)
        topic.written += 1

    def _fail(self, error: Exception) -> None:
        """Write what is pending into the reserved space, and nothing more after that."""
        release_reserve(self.directory)
        reason = error.strerror if isinstance(error, OSError) else repr(error)
        self.failure = f'{self.directory}: {reason}'
        try:
            self._files.flush()
        except OSError:
            for name, lost in self._files.discard_pending().items():
                self.topics[name].written -= lost
                self.topics[name].dropped += lost
