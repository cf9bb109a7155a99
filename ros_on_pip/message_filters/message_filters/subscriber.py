# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A subscription as a filter."""

from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile

from .simple_filter import SimpleFilter


class Subscriber(SimpleFilter):
    """Signal every message received on a topic.

    Attributes of the subscription are reached through the filter.

    :param node: node that subscribes
    :param msg_type: class of the message
    :param topic: name of the topic
    :param qos_profile: quality of service, or the depth of its queue
    :param kwargs: further arguments of ``Node.create_subscription``
    """

    def __init__(
        self,
        node: Node,
        msg_type: Any,
        topic: str,
        qos_profile: QoSProfile | int = 10,
        **kwargs: Any,
    ):
        super().__init__()
        self.node = node
        self.topic = topic
        self.sub = node.create_subscription(
            msg_type, topic, self.callback, qos_profile, **kwargs)

    def callback(self, msg: Any) -> None:
        """Signal a received message."""
        self.signalMessage(msg)

    def getTopic(self) -> str:  # noqa: N802
        """Return the topic's name as given."""
        return self.topic

    def __getattr__(self, key: str) -> Any:
        if key == 'sub':
            raise AttributeError(key)
        return getattr(self.sub, key)
