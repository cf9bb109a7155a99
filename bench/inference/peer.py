# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inference node that one writes by hand."""

from __future__ import annotations

import argparse
from typing import Any

from bench.inference.by_hand import ByHand
from bench.inference.checkpoint import Checkpoint
from bench.inference.plain import spin
from bench.inference.topics import TOPICS
from rclpy.node import Node
import torch
from vision_msgs.msg import Classification


class Peer(Node):
    """Recognises in the callback of its subscription.

    :param name: of the node.
    :param path: of its checkpoint.
    """

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name)
        checkpoint = Checkpoint.load(path)
        self._by_hand = ByHand(checkpoint)
        self._activity = self.create_publisher(Classification, '~/activity', 10)
        kind, topic, qos = TOPICS[checkpoint.sensor]
        self.create_subscription(kind, topic, self._take, qos)

    def _take(self, message: Any) -> None:
        answer = self._by_hand.take(message)
        if answer is not None:
            self._activity.publish(answer)


def main() -> int:
    """Recognise until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name')
    parser.add_argument('checkpoint')
    parser.add_argument('--threads', type=int, metavar='N', help="of torch (default: torch's)")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    return spin(lambda: Peer(args.name, args.checkpoint))


if __name__ == '__main__':
    raise SystemExit(main())
