# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The node that one writes by hand so that its model can be changed while it runs."""

from __future__ import annotations

import argparse
from typing import Any

from bench.inference.by_hand import ByHand
from bench.inference.checkpoint import Checkpoint
from bench.inference.plain import spin
from bench.inference.topics import TOPICS
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.subscription import Subscription
from vision_msgs.msg import Classification


class Peer(LifecycleNode):
    """Loads the model that ``checkpoint`` names when configured, listens while active.

    :param name: of the node.
    :param path: of its first checkpoint.
    """

    _by_hand: ByHand | None = None
    _subscription: Subscription | None = None

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name)
        self.declare_parameter('checkpoint', path)
        self._activity = self.create_lifecycle_publisher(Classification, '~/activity', 10)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model."""
        self._checkpoint = Checkpoint.load(self.get_parameter('checkpoint').value)
        self._by_hand = ByHand(self._checkpoint)
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to listen."""
        kind, topic, qos = TOPICS[self._checkpoint.sensor]
        self._subscription = self.create_subscription(kind, topic, self._take, qos)
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop listening."""
        if self._subscription is not None:
            self.destroy_subscription(self._subscription)
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model."""
        self._by_hand = None
        return TransitionCallbackReturn.SUCCESS

    def _take(self, message: Any) -> None:
        answer = self._by_hand.take(message) if self._by_hand is not None else None
        if answer is not None:
            self._activity.publish(answer)


def brought_up(name: str, path: str) -> Peer:
    """Return a node that is active."""
    node = Peer(name, path)
    node.trigger_configure()
    node.trigger_activate()
    return node


def main() -> int:
    """Recognise until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name')
    parser.add_argument('checkpoint')
    args = parser.parse_args()
    return spin(lambda: brought_up(args.name, args.checkpoint))


if __name__ == '__main__':
    raise SystemExit(main())
