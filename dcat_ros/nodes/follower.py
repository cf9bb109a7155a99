"""A subscription that follows the publishers of one topic as they come, go and change."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from dcat_ros.nodes.messages import message_class
from dcat_ros.nodes.qos import matching, on_mismatch


class Follower:
    """Subscribes once there is a publisher, with the QoS that it offers.

    ``problem`` says why nothing can be heard, ``mismatch`` which publisher does not match in QoS;
    both are empty where all is well.

    :param node: the node that subscribes.
    :param topic: the topic's name, relative.
    :param types: the message types that are understood, e.g. ``sensor_msgs/msg/Imu``.
    :param depth: messages that the middleware keeps until they are received.
    :param receive: called with a message's class and the serialised message.
    """

    def __init__(
        self,
        node: Node,
        topic: str,
        types: Sequence[str],
        depth: int,
        receive: Callable[[Any, bytes], None],
    ) -> None:
        self.problem = ''
        self.mismatch = ''
        self._node = node
        self._topic = topic
        self._types = types
        self._depth = depth
        self._receive = receive
        self._held: tuple[str, QoSProfile, Subscription] | None = None

    def refresh(self) -> None:
        """Subscribe to what is published now."""
        publishers = self._node.get_publishers_info_by_topic(self._topic)
        usable = [p for p in publishers if p.topic_type in self._types]
        if usable:
            self.problem = ''
            self._follow(usable)
        else:
            self.problem = self._why_none(publishers)

    def close(self) -> None:
        """Give up the subscription."""
        if self._held is not None:
            self._node.destroy_subscription(self._held[2])
            self._held = None

    def _why_none(self, publishers: Sequence[TopicEndpointInfo]) -> str:
        full_name = self._node.resolve_topic_name(self._topic)
        if publishers:
            found = ', '.join(sorted({p.topic_type for p in publishers}))
            wanted = ' or '.join(self._types)
            return f'{full_name} carries {found}, expected {wanted}: remap {self._topic}'
        return f'0 publishers on {full_name}'

    def _follow(self, publishers: Sequence[TopicEndpointInfo]) -> None:
        type_name, qos = publishers[0].topic_type, matching(publishers, self._depth)
        if self._held is not None:
            if self._held[:2] == (type_name, qos):
                return
            self.close()
            self.mismatch = ''
        try:
            kind = message_class(type_name)
        except ValueError as error:
            self.problem = str(error)
            return
        subscription = self._node.create_subscription(
            kind,
            self._topic,
            partial(self._receive, kind),
            qos,
            event_callbacks=on_mismatch(self._topic, self._report_mismatch),
            raw=True,
        )
        self._held = type_name, qos, subscription

    def _report_mismatch(self, text: str) -> None:
        self.mismatch = text
        self._node.get_logger().warning(text)
