# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The floor: a node that hears what the others hear, and does nothing with it."""

from __future__ import annotations

import argparse
from typing import Any

from bench.inference.plain import spin
from bench.inference.topics import TOPICS
from dcat_ros.nodes.common.run import run
from rclpy.node import Node


class Floor(Node):
    """Says once that it hears something.

    :param name: of the node.
    :param sensor: ``imu`` or ``camera``.
    :param raw: whether messages stay serialised.
    """

    def __init__(self, name: str, sensor: str, raw: bool) -> None:
        super().__init__(name)
        kind, topic, qos = TOPICS[sensor]
        self._heard = False
        self.create_subscription(kind, topic, self._take, qos, raw=raw)

    def _take(self, message: Any) -> None:
        if not self._heard:
            self._heard = True
            print('heard', flush=True)


def main() -> int:
    """Hear until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name')
    parser.add_argument('sensor', choices=TOPICS)
    parser.add_argument('--plain', action='store_true', help='decoded, and spun by rclpy.spin')
    args = parser.parse_args()
    if args.plain:
        return spin(lambda: Floor(args.name, args.sensor, raw=False))
    return run('floor', __doc__, lambda: Floor(args.name, args.sensor, raw=True), [])


if __name__ == '__main__':
    raise SystemExit(main())
