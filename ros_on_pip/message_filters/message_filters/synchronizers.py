# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Sets of messages, one of each filter, that belong to one time."""

from collections.abc import Sequence
from itertools import product
import threading
from typing import Any

from rclpy.clock import ROSClock
from rclpy.duration import Duration
from rclpy.time import Time

from .simple_filter import SimpleFilter
from .stamps import stamp_of


class TimeSynchronizer(SimpleFilter):
    """Signal sets of messages with equal header stamps.

    A set leaves the queues before it is signalled, and all older messages with it, so an exception
    in a callback neither blocks the filter nor brings the set back; a callback may feed the filter
    again.

    :param fs: filters to listen to
    :param queue_size: messages of each filter kept while the rest of their set is awaited;
        beyond that those with the smallest stamps are dropped
    """

    def __init__(self, fs: Sequence[SimpleFilter], queue_size: int):
        super().__init__()
        self.queue_size = queue_size
        self.lock = threading.RLock()
        self.connectInput(fs)

    def connectInput(self, fs: Sequence[SimpleFilter]) -> None:  # noqa: N802
        """Listen to these filters, with empty queues."""
        self.queues: list[dict[int, Any]] = [{} for _ in fs]
        self.input_connections = [
            f.registerCallback(self.add, queue, index)
            for index, (f, queue) in enumerate(zip(fs, self.queues, strict=True))]

    def add(self, msg: Any, my_queue: dict[int, Any], my_queue_index: int | None = None) -> None:
        """Queue a message and signal the set that it completes."""
        time = Time.from_msg(msg.header.stamp).nanoseconds
        with self.lock:
            self._keep(msg, time, my_queue)
            if all(time in queue for queue in self.queues):
                for queue in self.queues:
                    for older in [stamp for stamp in queue if stamp < time]:
                        del queue[older]
                self._release([time] * len(self.queues))

    def _keep(self, msg: Any, time: int, queue: dict[int, Any]) -> None:
        queue[time] = msg
        while len(queue) > self.queue_size:
            del queue[min(queue)]

    def _release(self, times: Sequence[int]) -> None:
        self.signalMessage(
            *[queue.pop(time) for queue, time in zip(self.queues, times, strict=True)])


class ApproximateTimeSynchronizer(TimeSynchronizer):
    """Signal sets of messages whose stamps differ by less than a tolerance.

    A set is signalled as soon as one fits, even if a later message would fit better.

    :param fs: filters to listen to
    :param queue_size: messages of each filter kept while the rest of their set is awaited
    :param slop: latest minus earliest stamp of a set must be less than this [s]
    :param allow_headerless: file messages without a header stamp under the time of arrival
    :param sync_arrival_time: file every message under the time of its arrival
    :param queue_offset: taken from the stamps of each filter [ns]
    """

    def __init__(
        self,
        fs: Sequence[SimpleFilter],
        queue_size: int,
        slop: float,
        *,
        allow_headerless: bool = False,
        sync_arrival_time: bool = False,
        queue_offset: Sequence[int] = (),
    ):
        super().__init__(fs, queue_size)
        self.slop = Duration(seconds=slop)
        self.allow_headerless = allow_headerless
        self.sync_arrival_time = sync_arrival_time
        self.queue_offset = queue_offset

    def add(self, msg: Any, my_queue: dict[int, Any], my_queue_index: int | None = None) -> None:
        """Queue a message and signal the closest set around it, if one fits."""
        stamp = (ROSClock().now() if self.sync_arrival_time else
                 stamp_of(msg, allow_headerless=self.allow_headerless))
        if stamp is None:
            return
        time = stamp.nanoseconds
        if self.queue_offset and my_queue_index is not None:
            time -= self.queue_offset[my_queue_index]
        with self.lock:
            self._keep(msg, time, my_queue)
            if time not in my_queue:
                return
            times = self._fitting(time, my_queue)
            if times is not None:
                self._release(times)

    def _fitting(self, time: int, my_queue: dict[int, Any]) -> Sequence[int] | None:
        slop = self.slop.nanoseconds
        candidates = [
            [time] if queue is my_queue else
            sorted((t for t in queue if abs(t - time) < slop), key=lambda t: abs(t - time))
            for queue in self.queues]
        return next(
            (times for times in product(*candidates) if max(times) - min(times) < slop), None)
