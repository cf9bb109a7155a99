# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Publish the messages of a bag, for hosts without `ros2 bag play`.

Messages are published as they were recorded, with unchanged header stamps, at the intervals of
their bag times. For nodes that use the bag's time, set their use_sim_time and give this program
--clock. Topic names are relative to the node's namespace, which is `/` unless `--ros-args -r
__ns:=/robot` changes it; `--ros-args -r /imu/data:=/wrist/imu` remaps a topic. Each topic is
offered with the QoS profile in the bag.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
import signal
import sys
import threading
import time
from typing import Any

from dcat_ros.arguments import not_negative, positive
from dcat_ros.bags.qos import serving_all
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.nodes.common.messages import message_class
from dcat_ros.nodes.common.run import ignore_signals, initialise
import rclpy
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.time import Time
from rich.live import Live
from rosbags.interfaces import Qos, QosDurability
from rosgraph_msgs.msg import Clock

NANOSECONDS = 10**9
DEFAULT_CLOCK_RATE = 40.0  # Hz, as of `ros2 bag play`


def qos_profile(offer: Qos) -> QoSProfile:
    """Return a profile from `serving_all` as rclpy's type."""
    return QoSProfile(
        depth=offer.depth,
        reliability=ReliabilityPolicy[offer.reliability.name],
        durability=DurabilityPolicy[offer.durability.name],
    )


class Replay(Node):
    """Node that publishes a bag's messages; `play` starts it.

    :param bag: the bag's directory.
    :param rate: bag seconds per second.
    :param loop: start again at the end; bag time then jumps back.
    :param clock: rate of /clock in Hz, 0 for none.
    :param topics: names as in the bag (the leading slash may be left out); None for all.
    :param start_offset: seconds of the bag to skip; of latched topics, the last messages before
        are published.
    :param delay: seconds to wait before the first message.
    :param node_options: passed on to rclpy's Node.
    :raises BagError: if the bag, a topic, or the Python class of a message is missing.
    """

    def __init__(
        self,
        bag: Path | str,
        *,
        rate: float = 1.0,
        loop: bool = False,
        clock: float = 0.0,
        topics: Sequence[str] | None = None,
        start_offset: float = 0.0,
        delay: float = 0.0,
        **node_options: Any,
    ) -> None:
        with ExitStack() as stack:
            self.reader = stack.enter_context(BagReader(bag))
            known = self.reader.topics
            names = [f'/{name.lstrip("/")}' for name in topics] if topics else list(known)
            for name in names:
                if name not in known:
                    raise BagError(f'{bag} has no topic {name}; it has {", ".join(sorted(known))}')
            classes = {name: self._message_class(name) for name in names}
            first = self.reader.start + round(start_offset * NANOSECONDS)
            if start_offset and first >= self.reader.end:
                raise BagError(f'{bag} has nothing after a start offset of {start_offset:g} s')
            super().__init__('replay', start_parameter_services=False, **node_options)
            self._close_bag = stack.pop_all().close
        self.rate, self.loop, self.delay = rate, loop, delay
        self.first = self.position = first
        self._stopping = threading.Event()
        offers = {name: serving_all(name, self.reader.qos[name]) for name in names}
        self._latched = [
            name for name, offer in offers.items()
            if offer.durability is QosDurability.TRANSIENT_LOCAL
        ]
        self._outputs = {
            name: self.create_publisher(classes[name], name.lstrip('/'), qos_profile(offers[name]))
            for name in names
        }
        self._clock_output = self.create_publisher(Clock, '/clock', 1) if clock else None
        self._clock_period = NANOSECONDS / clock if clock else 0.0

    @property
    def progress(self) -> str:
        """Return how much has been played, in words."""
        played = (self.position - self.first) / NANOSECONDS
        return f'playback {played:.1f} / {self.duration:.1f} s'

    @property
    def duration(self) -> float:
        """Return the seconds of bag time to play."""
        return max(0, self.reader.end - self.first) / NANOSECONDS

    def play(self) -> int:
        """Publish until the end, or until `stop`; return the number of messages published.

        Times are absolute: a late message does not delay the following ones.
        """
        count = 0
        if self._stopping.wait(self.delay):
            return count
        while True:
            for topic, raw in self._due_messages():
                self._outputs[topic].publish(raw)
                count += 1
            if self._stopping.is_set() or not self.loop or self.duration <= 0:
                return count

    def stop(self) -> None:
        """Make `play` return; can be called from another thread."""
        self._stopping.set()

    def destroy_node(self) -> None:
        """Close the bag and destroy the node."""
        self._close_bag()
        super().destroy_node()

    def _message_class(self, topic: str) -> Any:
        try:
            return message_class(self.reader.topics[topic], self.reader.fields(topic))
        except ValueError as error:
            raise BagError(f'{topic}: {error}; or choose other topics with --topics') from error

    def _due_messages(self) -> Iterator[tuple[str, bytes]]:
        """Yield the state of latched topics at the start, then each message when it is due."""
        began = time.monotonic_ns()
        self._next_clock = float(began)
        earlier = self.reader.raw(self._latched, stop=self.first)
        yield from {topic: raw for topic, raw, _ in earlier}.items()
        for topic, raw, stamp in self.reader.raw(list(self._outputs), self.first):
            if not self._wait_until(began, stamp):
                return
            yield topic, raw

    def _wait_until(self, began: int, stamp: int) -> bool:
        """Wait for a bag time while /clock is published; return False if stopped."""
        due = began + int((stamp - self.first) / self.rate)
        while not self._stopping.is_set():
            now = time.monotonic_ns()
            if self._clock_output is not None and now >= self._next_clock:
                self.position = min(stamp, self.first + int((now - began) * self.rate))
                self._clock_output.publish(Clock(clock=Time(nanoseconds=self.position).to_msg()))
                missed = max(1, (now - self._next_clock) // self._clock_period)
                self._next_clock += missed * self._clock_period
            if now >= due:
                self.position = stamp
                return True
            wake = min(due, self._next_clock) if self._clock_output is not None else due
            self._stopping.wait(max(0, wake - now) / NANOSECONDS)
        return False


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the command line without its ROS arguments."""
    parser = argparse.ArgumentParser(
        prog='replay',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('bag', type=Path, metavar='BAG', help='directory of a rosbag2 bag')
    add('-r', '--rate', type=positive, default=1.0, help='speed, 1 is that of the recording')
    add('-l', '--loop', action='store_true', help='start again at the end')
    add('--clock', type=not_negative, nargs='?', const=DEFAULT_CLOCK_RATE, default=0.0,
        metavar='HZ', help=f'publish /clock, {DEFAULT_CLOCK_RATE:.0f} times a second by default')
    add('--topics', nargs='+', metavar='TOPIC', help='play only these')
    add('--start-offset', type=not_negative, default=0.0, metavar='S', help='seconds to skip')
    add('--delay', type=not_negative, default=0.0, metavar='S', help='seconds to wait first')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Play a bag; return 0 at the end or on Ctrl-C, 1 if the bag cannot be played."""
    argv = sys.argv if argv is None else ['replay', *argv]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            options = vars(initialise(argv, parse))
            stack.callback(rclpy.try_shutdown)
            player = Replay(**options)
            stack.callback(player.destroy_node)
            player.get_logger().info(
                f'playing {options["bag"]}: {player.duration:.1f} s at rate {player.rate:g}'
            )
            if sys.stdout.isatty():
                stack.enter_context(Live(get_renderable=lambda: player.progress))
            stack.callback(ignore_signals)
            player.get_logger().info(f'published {player.play()} messages')
    except KeyboardInterrupt:
        return 0
    except BagError as error:
        print(f'replay: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
