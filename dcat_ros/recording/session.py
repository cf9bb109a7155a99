# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A session: from the messages received to a bag on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
import threading
import time

from dcat_ros.bags.storage import BagStorage, StorageOptions
from dcat_ros.recording.backlog import Backlog, Closed, Message
from dcat_ros.recording.reserve import Reserve
from dcat_ros.recording.tally import Tally

RESERVE = 8 * 2**20
FLUSH_PERIOD = 0.25
LONGEST_SLEEP = 0.05


@dataclass(frozen=True)
class Plan:
    """What a session is to be.

    :param directory: the bag, not there yet; its parents are made.
    :param note: what is known beforehand of `custom_data`.
    :param layout: how the bag is stored.
    :param backlog: bytes that may wait for the disk.
    """

    directory: Path
    note: Mapping[str, str] = field(default_factory=dict)
    layout: StorageOptions = field(default_factory=StorageOptions)
    backlog: int = 2**29


class Session:
    """Writes one bag, in a thread of its own.

    `take` is called from one thread, everything else from another one. ``failure`` says why no
    more can be written, '' as long as all is well; what still comes counts as dropped then.
    ``bag_time`` is that of the newest message, ns.

    :param plan: see :class:`Plan`.
    :raises FileExistsError: when there is something at the plan's directory.
    :raises OSError: when the bag cannot be made.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.failure = ''
        self.tallies: dict[str, Tally] = {}
        self._backlog = Backlog(plan.backlog)
        self.bag_time = 0
        plan.directory.parent.mkdir(parents=True, exist_ok=True)
        if plan.directory.exists():
            raise FileExistsError(f'{plan.directory} exists already, not overwriting')
        self._files = BagStorage(plan.directory, plan.directory.name, plan.note, plan.layout)
        try:
            self._reserve = Reserve(plan.directory, RESERVE)
            self._files.flush()
        except OSError:
            self._files.remove()
            raise
        self._flushed = time.monotonic()
        self._thread = threading.Thread(target=self._work, name='bag writer', daemon=True)
        self._thread.start()

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._files.size

    @property
    def waiting(self) -> int:
        """Bytes that wait for the disk."""
        return self._backlog.size

    @property
    def waited(self) -> int:
        """How often reception had to wait for the disk."""
        return self._backlog.waited

    @property
    def dropped(self) -> int:
        """Messages dropped so far."""
        return sum(tally.dropped for tally in self.tallies.values())

    def add_topic(self, tally: Tally) -> None:
        """Count a topic among those that the session records."""
        self.tallies[tally.topic] = tally

    def take(self, tally: Tally, data: bytes, now: int) -> None:
        """Queue a message; one that comes after `drain` is none of the session's.

        :param tally: of a topic that was added.
        :param now: time of arrival, ns; bag time never goes back, so a smaller one becomes that
            of the message before.
        """
        stamp = max(now, self.bag_time)
        try:
            queued = self._backlog.put(Message(tally, data, stamp))
        except Closed:
            return
        self.bag_time = stamp
        tally.take(stamp)
        if not queued:
            tally.dropped += 1

    def drain(self) -> None:
        """Take no more messages, and write what waits."""
        self._backlog.close()
        self._thread.join()
        self._reserve.release()

    def append(self, tally: Tally, data: bytes, now: int) -> None:
        """Write one more message after `drain`; parameters as of `take`."""
        self.bag_time = stamp = max(now, self.bag_time)
        tally.take(stamp)
        self._attempt(Message(tally, data, stamp))

    def close(self, custom: Mapping[str, str]) -> None:
        """Close the bag after `drain`.

        :param custom: the rest of `custom_data`.
        :raises OSError: when the bag cannot be closed; `recover` restores it.
        """
        self._files.close(custom)

    def _work(self) -> None:
        closing = False
        while not closing:
            closing = self._backlog.closed
            taken = self._backlog.take(LONGEST_SLEEP)
            while taken:
                self._handle(taken.popleft())
            if not self.failure and (
                closing or time.monotonic() - self._flushed >= FLUSH_PERIOD
            ):
                self._attempt(None)

    def _handle(self, message: Message) -> None:
        if self.failure:
            message.tally.dropped += 1
        else:
            self._attempt(message)
        self._backlog.release(message)

    def _attempt(self, message: Message | None) -> None:
        """Write a message, or what is pending."""
        try:
            if message is None:
                self._flushed = time.monotonic()
                self._files.flush()
            else:
                self._write(message)
        except Exception as error:  # noqa: BLE001 - whatever it is, reception must not stand still
            if message is not None:
                message.tally.dropped += 1
            self._fail(error)

    def _write(self, message: Message) -> None:
        tally = message.tally
        if tally.topic not in self._files:
            self._files.add_topic(tally.topic, tally.definition, tally.profiles)
        self._files.write(tally.topic, message.data, message.stamp)
        tally.written += 1

    def _fail(self, error: Exception) -> None:
        """Save what is pending with the help of the reserve, and write nothing more."""
        self._reserve.release()
        reason = error.strerror if isinstance(error, OSError) else repr(error)
        self.failure = f'{self.plan.directory}: {reason}'
        try:
            self._files.flush()
        except OSError:
            for topic, lost in self._files.discard_pending().items():
                self.tallies[topic].written -= lost
                self.tallies[topic].dropped += lost
