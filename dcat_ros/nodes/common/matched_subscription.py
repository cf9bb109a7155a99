# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A subscription that follows the publishers of one topic as they come, go and change."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from dcat_ros.nodes.common.first_copy import Handover
from dcat_ros.nodes.common.message_types import message_class
from dcat_ros.nodes.common.qos import matching, on_mismatch, serves_all
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo


class Held(NamedTuple):
    """A subscription, its message type and its profile."""

    type_name: str
    qos: QoSProfile
    subscription: Subscription


class MatchedSubscription:
    """Subscribes once there is a publisher, with the QoS that it offers.

    A publisher that comes later and offers less is served by another subscription, which takes
    over without a message lost or doubled.

    ``problem`` says why nothing can be heard, ``mismatch`` which publisher does not match in QoS;
    both are empty where all is well.

    :param node: the node that subscribes.
    :param topic: the topic's name, relative.
    :param types: the message types that are understood, e.g. ``sensor_msgs/msg/Imu``; any where
        there are none.
    :param depth: messages that the middleware keeps until they are received.
    :param receive: called with a message's class and the serialised message.
    """

    OVERLAP = 5
    """Refreshes during which the old subscription goes on once the new one is complete."""
    REST = 10
    """Refreshes that only count the publishers, which is cheap, while their number stays."""

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
        self._full_name = node.resolve_topic_name(topic)
        self._types = types
        self._depth = depth
        self._receive = receive
        self._held: Held | None = None
        self._leaving: Subscription | None = None
        self._handover: Handover | None = None
        self._refreshes_left = 0
        self._deserted = False
        self._counted = -1
        self._rest = 0

    def refresh(self) -> None:
        """Subscribe to what is published now; to be called several times a second.

        A publisher that is exchanged for another between two calls is noticed `REST` calls later.
        """
        count = self._node.count_publishers(self._full_name)
        self._rest -= 1
        if count == self._counted and self._rest > 0 and self._handover is None:
            return
        self._counted, self._rest = count, self.REST
        publishers = self._node.get_publishers_info_by_topic(self._topic)
        usable = [p for p in publishers if not self._types or p.topic_type in self._types]
        if usable:
            self.problem = self._second_type(usable)
            self._follow(usable)
            self._deserted = False
        else:
            self.problem = self._why_none(publishers)
            self._deserted = True
        self._settle(len(usable))

    def close(self) -> None:
        """Give up the subscription."""
        self._dismiss()
        if self._held is not None:
            self._node.destroy_subscription(self._held.subscription)
            self._held = None

    @property
    def publishers(self) -> Sequence[TopicEndpointInfo]:
        """Who publishes the type that is subscribed to now."""
        if self._held is None:
            return []
        every = self._node.get_publishers_info_by_topic(self._topic)
        return [one for one in every if one.topic_type == self._held.type_name]

    def _second_type(self, publishers: Sequence[TopicEndpointInfo]) -> str:
        types = sorted({p.topic_type for p in publishers})
        if len(types) < 2 or self._types:
            return ''
        carried = ' and '.join(types)
        return f'{self._full_name} carries {carried}: give each type a topic of its own'

    def _why_none(self, publishers: Sequence[TopicEndpointInfo]) -> str:
        if publishers:
            found = ', '.join(sorted({p.topic_type for p in publishers}))
            wanted = ' or '.join(self._types)
            return f'{self._full_name} carries {found}, expected {wanted}: remap {self._topic}'
        return f'0 publishers on {self._full_name}'

    def _follow(self, publishers: Sequence[TopicEndpointInfo]) -> None:
        held = self._held
        types = [p.topic_type for p in publishers]
        type_name = held.type_name if held and held.type_name in types else types[0]
        same = [p for p in publishers if p.topic_type == type_name]
        qos = matching(same, self._depth)
        if held is not None and held.type_name == type_name:
            if held.qos == qos or (not self._deserted and serves_all(held.qos, same)):
                return
            self._subscribe(type_name, qos, replace=not self._deserted)
        else:
            self.close()
            self._subscribe(type_name, qos, replace=False)

    def _subscribe(self, type_name: str, qos: QoSProfile, replace: bool) -> None:
        try:
            kind = message_class(type_name)
        except ValueError as error:
            self.problem = str(error)
            return
        before = self._held
        self._dismiss()
        if before is not None and replace:
            self._handover = Handover()
            self._leaving = before.subscription
            before.subscription.callback = partial(self._receive_first, self._handover, 0, kind)
            callback = partial(self._receive_first, self._handover, 1, kind)
            self._refreshes_left = self.OVERLAP
        else:
            self.close()
            callback = partial(self._receive, kind)
        self.mismatch = ''
        subscription = self._node.create_subscription(
            kind,
            self._topic,
            callback,
            qos,
            event_callbacks=on_mismatch(self._topic, self._report_mismatch),
            raw=True,
        )
        self._held = Held(type_name, qos, subscription)

    def _receive_first(self, handover: Handover, side: int, kind: Any, raw: bytes) -> None:
        if handover.is_first(side, raw):
            self._receive(kind, raw)

    def _settle(self, publishers: int) -> None:
        """Let a handover come to its end, once the new subscription has found everyone."""
        if self._handover is None or self._held is None:
            return
        if self._held.subscription.get_publisher_count() < publishers and self._leaving:
            return
        self._refreshes_left -= 1
        if self._refreshes_left > 0:
            return
        if self._leaving is not None:
            self._node.destroy_subscription(self._leaving)
            self._leaving = None
            self._refreshes_left = self.OVERLAP
        else:
            self._handover = None
            kind = self._held.subscription.msg_type
            self._held.subscription.callback = partial(self._receive, kind)

    def _dismiss(self) -> None:
        if self._leaving is not None:
            self._node.destroy_subscription(self._leaving)
        self._leaving = self._handover = None

    def _report_mismatch(self, text: str) -> None:
        self.mismatch = text
        self._node.get_logger().warning(text)
