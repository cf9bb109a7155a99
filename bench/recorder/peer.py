# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Hand-written recorder in the style of the tutorials of message_filters.

An ApproximateTimeSynchronizer joins the decoded messages, and its callback writes them. Queues
have the default length of ten messages. It subscribes to images best effort, since it would
receive none otherwise.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dcat_ros.bags.types import typestore
from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.common.messages import message_class
from message_filters import ApproximateTimeSynchronizer, Subscriber
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import serialize_message
from rosbags.rosbag2 import StoragePlugin, Writer

QOS = {
    'imu': QoSProfile(depth=10),
    'camera': QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT),
    'audio': QoSProfile(depth=10),
}
QUEUE, SLOP = 10, 0.05


class Naive(Node):
    """Writes each set of messages that the synchronizer finds.

    :param bag: to write to.
    """

    def __init__(self, bag: Writer) -> None:
        super().__init__('naive')
        self._bag = bag
        self._connections, subscribers = [], []
        for sensor, qos in QOS.items():
            topic, msgtype = MODALITIES[sensor].topic, MODALITIES[sensor].message_types[0]
            self._connections.append(
                bag.add_connection(f'/{topic}', msgtype, typestore=typestore())
            )
            subscribers.append(
                Subscriber(self, message_class(msgtype), topic, qos_profile=qos)
            )
        self._synchronizer = ApproximateTimeSynchronizer(subscribers, QUEUE, SLOP)
        self._synchronizer.registerCallback(self._write)

    def _write(self, *messages: Any) -> None:
        now = self.get_clock().now().nanoseconds
        for connection, message in zip(self._connections, messages, strict=True):
            self._bag.write(connection, now, serialize_message(message))


def main() -> int:
    """Record until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('bag', type=Path)
    args = parser.parse_args()
    rclpy.init()
    with Writer(args.bag, version=8, storage_plugin=StoragePlugin.MCAP) as bag:
        node = Naive(bag)
        try:
            rclpy.spin(node)
        except (KeyboardInterrupt, ExternalShutdownException):
            pass
        finally:
            node.destroy_node()
            rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
