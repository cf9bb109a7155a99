# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Publish three sensors on a fixed schedule once each topic has a subscription."""

from __future__ import annotations

import argparse
import json
import sys
import time

from bench.common.messages import SECOND
from bench.recorder.messages import schedule, Stream, streams
from dcat_ros.nodes.common.messages import message_class
import rclpy
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import qos_profile_sensor_data, QoSProfile
from rclpy.signals import SignalHandlerOptions

QOS = {
    'imu': QoSProfile(depth=100),
    'camera': qos_profile_sensor_data,
    'audio': QoSProfile(depth=100),
}
"""As drivers publish: images best effort, the rest reliable."""

DISCOVERY = 60.0
SETTLING = 2.0
"""Seconds until both ends of a match know of it."""


def wait_for_subscriptions(publishers: dict[str, Publisher]) -> None:
    """Return once every topic has a subscription.

    :raises TimeoutError: when one has none after a minute.
    """
    deadline = time.monotonic() + DISCOVERY
    while not all(publisher.get_subscription_count() for publisher in publishers.values()):
        if time.monotonic() > deadline:
            raise TimeoutError(f'not all topics had a subscription within {DISCOVERY:.0f} s')
        time.sleep(0.05)
    time.sleep(SETTLING)


def publish(
    publishers: dict[str, Publisher], load: dict[str, Stream], seconds: float
) -> dict[str, object]:
    """Publish every message when it is due, or as soon as possible after that.

    :returns: stamp of the first messages (ns), duration and greatest lateness (s).
    """
    reported = late = 0
    origin, start = time.time_ns(), time.monotonic_ns()
    for due, sensor, number in schedule(load, seconds):
        message = load[sensor].serialised(number, origin)
        while (early := start + due - time.monotonic_ns()) > 0:
            time.sleep(early / SECOND)
        publishers[sensor].publish(message)
        late = max(late, -early)
        if due >= reported * SECOND:
            print(reported, flush=True)
            reported += 1
    took = (time.monotonic_ns() - start) / SECOND
    return {'origin': origin, 'seconds': took, 'late': late / SECOND}


def main() -> int:
    """Print each second that begins, then the result as JSON; wait for the end of the input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('seconds', type=float)
    parser.add_argument('image_rate', type=int)
    args = parser.parse_args()
    load = streams(args.image_rate)
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = Node('sensors')
    try:
        publishers = {
            sensor: node.create_publisher(
                message_class(stream.msgtype), stream.topic, QOS[sensor]
            )
            for sensor, stream in load.items()
        }
        wait_for_subscriptions(publishers)
        print(json.dumps(publish(publishers, load, args.seconds)), flush=True)
        sys.stdin.read()
    except TimeoutError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
