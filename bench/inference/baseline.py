# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Baseline node: subscribes like the measured nodes, and does nothing with the messages."""

from __future__ import annotations

import argparse
from typing import Any

from bench.inference.tutorial import spin, TOPICS
from dcat_ros.nodes.common.run import run
from rclpy.node import Node


class Baseline(Node):
    """Prints a line at the first message.

    :param name: of the node.
    :param sensor: ``imu`` or ``camera``.
    :param raw: whether messages stay serialised.
    """

    def __init__(self, name: str, sensor: str, raw: bool) -> None:
        super().__init__(name)
        kind, topic, qos = TOPICS[sensor]
        self._received = False
        self.create_subscription(kind, topic, self._on_message, qos, raw=raw)

    def _on_message(self, message: Any) -> None:
        if not self._received:
            self._received = True
            print('received', flush=True)


def main() -> int:
    """Receive messages until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name')
    parser.add_argument('sensor', choices=TOPICS)
    parser.add_argument('--decoded', action='store_true',
                        help='decode the messages, and spin as rclpy.spin does')
    args = parser.parse_args()
    if args.decoded:
        return spin(lambda: Baseline(args.name, args.sensor, raw=False))
    return run('baseline', __doc__, lambda: Baseline(args.name, args.sensor, raw=True), [])


if __name__ == '__main__':
    raise SystemExit(main())
