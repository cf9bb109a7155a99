# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The sensors: publish on a fixed schedule, whether anybody listens or not."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
import json
import sys
import threading
import time

from bench.inference.announcing import announce_often
from bench.inference.load import Feed, SECOND
from bench.inference.topics import TOPICS
import rclpy
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data, QoSProfile
from rclpy.signals import SignalHandlerOptions

PROFILES = {'imu': QoSProfile(depth=100), 'camera': qos_profile_sensor_data}
"""As drivers publish: images best effort, an IMU reliably."""


def schedule(rates: dict[str, int]) -> Iterator[tuple[int, str]]:
    """Yield when, in ns from the start, which sensor publishes; without end."""
    counts = dict.fromkeys(rates, 0)
    while True:
        sensor = min(rates, key=lambda name: counts[name] * SECOND // rates[name])
        yield counts[sensor] * SECOND // rates[sensor], sensor
        counts[sensor] += 1


def publish(node: Node, rates: dict[str, int], end: threading.Event) -> dict[int, int]:
    """Publish each message when it is due, or as soon as possible after that, until the end.

    :returns: the greatest lateness in ns, for each second by the system's clock.
    """
    publishers = {
        sensor: node.create_publisher(*TOPICS[sensor][:2], PROFILES[sensor]) for sensor in rates
    }
    feeds = {sensor: Feed(sensor) for sensor in rates}
    late: defaultdict[int, int] = defaultdict(int)
    begun = time.monotonic_ns()
    for due, sensor in schedule(rates):
        while (early := begun + due - time.monotonic_ns()) > 0:
            time.sleep(early / SECOND)
        if end.is_set():
            break
        stamp = time.time_ns()
        publishers[sensor].publish(feeds[sensor].message(stamp))
        late[stamp // SECOND] = max(late[stamp // SECOND], -early)
    return late


def _note_end(end: threading.Event) -> None:
    sys.stdin.read()
    end.set()


def main() -> int:
    """Publish until the end of the input; then print how late it was as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for sensor in TOPICS:
        parser.add_argument(f'--{sensor}', type=int, metavar='HZ')
    rates = {name: rate for name, rate in vars(parser.parse_args()).items() if rate}
    end = threading.Event()
    threading.Thread(target=_note_end, args=[end], daemon=True).start()
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
