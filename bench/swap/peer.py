# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Hand-written lifecycle node whose model can be changed while it runs."""

from __future__ import annotations

import argparse
from typing import Any

from bench.inference.checkpoint import Checkpoint
from bench.inference.peer import Recogniser
from bench.inference.tutorial import spin, TOPICS
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.subscription import Subscription
from vision_msgs.msg import Classification


class Peer(LifecycleNode):
    """Loads the model that ``checkpoint`` names when configured, subscribes while active.

    :param name: of the node.
    :param path: of its first checkpoint.
    """

    _recogniser: Recogniser | None = None
    _subscription: Subscription | None = None

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name)
        self.declare_parameter('checkpoint', path)
        self._activity = self.create_lifecycle_publisher(Classification, '~/activity', 10)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model."""
        self._checkpoint = Checkpoint.load(self.get_parameter('checkpoint').value)
        self._recogniser = Recogniser(self._checkpoint)
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe."""
        kind, topic, qos = TOPICS[self._checkpoint.sensor]
        self._subscription = self.create_subscription(kind, topic, self._on_message, qos)
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe."""
        if self._subscription is not None:
            self.destroy_subscription(self._subscription)
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the model."""
        self._recogniser = None
        return TransitionCallbackReturn.SUCCESS

    def _on_message(self, message: Any) -> None:
        answer = self._recogniser.push(message) if self._recogniser is not None else None
        if answer is not None:
            self._activity.publish(answer)


def create_active(name: str, path: str) -> Peer:
    """Return an active node."""
    node = Peer(name, path)
    node.trigger_configure()
    node.trigger_activate()
    return node


def main() -> int:
    """Classify until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name')
    parser.add_argument('checkpoint')
    args = parser.parse_args()
    return spin(lambda: create_active(args.name, args.checkpoint))


if __name__ == '__main__':
    raise SystemExit(main())
