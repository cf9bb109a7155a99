# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Publish sensor messages on a fixed schedule, with or without subscribers."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
import json
import os
from pathlib import Path
import sys
import threading
import time

from bench.common.messages import SECOND
from bench.inference.messages import MessageLoop
from bench.inference.tutorial import TOPICS
from dcat_ros.nodes.common.middleware import PROFILES
import rclpy
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data, QoSProfile
from rclpy.signals import SignalHandlerOptions

QOS = {'imu': QoSProfile(depth=100), 'camera': qos_profile_sensor_data}
"""As drivers publish: images best effort, an IMU reliably."""


def announce_often() -> None:
    """Let this process announce itself ten times a second; call it before `rclpy.init`.

    The default of Fast DDS is every 3 s. A node that starts waits that long to be discovered where
    the loopback interface has no multicast, as is usual.
    """
    os.environ[PROFILES] = str(Path(__file__).with_name('frequent_announcement.xml'))


def schedule(rates: dict[str, int]) -> Iterator[tuple[int, str]]:
    """Yield without end when (ns from the start) each sensor publishes, in order of time."""
    counts = dict.fromkeys(rates, 0)
    while True:
        sensor = min(rates, key=lambda name: counts[name] * SECOND // rates[name])
        yield counts[sensor] * SECOND // rates[sensor], sensor
        counts[sensor] += 1


def publish(node: Node, rates: dict[str, int], end: threading.Event) -> dict[int, int]:
    """Publish each message when it is due, or as soon as possible after that, until the end.

    :returns: greatest lateness in ns by second of the system clock.
    """
    publishers = {
        sensor: node.create_publisher(*TOPICS[sensor][:2], QOS[sensor]) for sensor in rates
    }
    loops = {sensor: MessageLoop(sensor) for sensor in rates}
    late: defaultdict[int, int] = defaultdict(int)
    start = time.monotonic_ns()
    for due, sensor in schedule(rates):
        while (early := start + due - time.monotonic_ns()) > 0:
            time.sleep(early / SECOND)
        if end.is_set():
            break
        stamp = time.time_ns()
        publishers[sensor].publish(loops[sensor].message(stamp))
        late[stamp // SECOND] = max(late[stamp // SECOND], -early)
    return late


def end_of_input() -> threading.Event:
    """Return an event that is set at the end of the input."""
    end = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), end.set()), daemon=True).start()
    return end


def main() -> int:
    """Publish until the end of the input; then print the lateness as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for sensor in TOPICS:
        parser.add_argument(f'--{sensor}', type=int, metavar='HZ')
    rates = {name: rate for name, rate in vars(parser.parse_args()).items() if rate}
    end = end_of_input()
    announce_often()
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = Node('sensors')
    try:
        print(json.dumps(publish(node, rates, end)))
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
