# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A subscription whose QoS follows the publishers of its topic as they come, go and change."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from dcat_ros.nodes.common.messages import message_class
from dcat_ros.nodes.common.qos import is_compatible, matching, on_mismatch
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo


class Deduplication:
    """Passes each message on once while two subscriptions receive the same topic.

    Messages are compared by content: a message that both subscriptions receive is new once, one
    that was published twice is new twice.
    """

    def __init__(self) -> None:
        self._unmatched: tuple[Counter[int], Counter[int]] = (Counter(), Counter())

    def is_new(self, subscription: int, raw: bytes) -> bool:
        """Tell whether the other subscription has not received this message yet.

        :param subscription: 0 for the old subscription, 1 for the new one.
        """
        content = hash(raw)
        if self._unmatched[1 - subscription][content] > 0:
            self._unmatched[1 - subscription][content] -= 1
            return False
        self._unmatched[subscription][content] += 1
        return True


class MatchedSubscription:
    """Subscribes as soon as there is a publisher, with the QoS that it offers.

    If a later publisher offers less, a second subscription replaces the first one. Both overlap
    for a while, so that no message is lost or received twice.

    ``problem`` says why no message can arrive, ``mismatch`` which publisher has an incompatible
    QoS; both are empty if all is well. ``type_name`` is the message type that is subscribed to,
    empty without a subscription.

    :param node: the node that subscribes.
    :param topic: the topic's name, relative.
    :param types: the accepted message types, e.g. ``sensor_msgs/msg/Imu``; empty for any.
    :param depth: messages that the middleware keeps until they are received.
    :param receive: called with a message's class and the serialised message.
    """

    OVERLAP = 5
    """Refreshes for which both subscriptions exist once the new one has all publishers."""
    CHECK_EVERY = 10
    """Refreshes between two full checks while the number of publishers, a cheap test, stays."""

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
        self.type_name = ''
        self._node = node
        self._topic = topic
        self._full_name = node.resolve_topic_name(topic)
        self._types = types
        self._depth = depth
        self._receive = receive
        self._subscription: Subscription | None = None
        self._old_subscription: Subscription | None = None
        self._deduplication: Deduplication | None = None
        self._overlap_left = 0
        self._had_publishers = True
        self._publisher_count = -1
        self._next_check = 0

    def refresh(self) -> None:
        """Subscribe to what is published now; to be called several times a second.

        If one publisher replaces another between two calls, this is noticed up to
        :data:`CHECK_EVERY` calls later.
        """
        count = self._node.count_publishers(self._full_name)
        self._next_check -= 1
        if count == self._publisher_count and self._next_check > 0 and not self._deduplication:
            return
        self._publisher_count, self._next_check = count, self.CHECK_EVERY
        publishers = self._node.get_publishers_info_by_topic(self._topic)
        usable = [p for p in publishers if not self._types or p.topic_type in self._types]
        self.problem = self._type_problem(publishers)
        if usable:
            self._match(usable)
        self._had_publishers = bool(usable)
        self._advance_overlap(len(usable))

    def close(self) -> None:
        """Destroy the subscription."""
        self._end_overlap()
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
        self._subscription, self.type_name = None, ''

    @property
    def qos(self) -> QoSProfile | None:
        """Return the profile of the subscription, None without one."""
        return self._subscription.qos_profile if self._subscription else None

    @property
    def publishers(self) -> Sequence[TopicEndpointInfo]:
        """Return the publishers of the type that is subscribed to now."""
        if not self.type_name:
            return []
        publishers = self._node.get_publishers_info_by_topic(self._topic)
        return [p for p in publishers if p.topic_type == self.type_name]

    def _type_problem(self, publishers: Sequence[TopicEndpointInfo]) -> str:
        """Return what is wrong with the publishers' message types, '' if nothing is."""
        types = sorted({p.topic_type for p in publishers})
        if not types:
            return f'0 publishers on {self._full_name}'
        if self._types and not set(types) & set(self._types):
            found, expected = ', '.join(types), ' or '.join(self._types)
            return f'{self._full_name} carries {found}, expected {expected}: remap {self._topic}'
        if not self._types and len(types) > 1:
            found = ' and '.join(types)
            return f'{self._full_name} carries {found}: give each type a topic of its own'
        return ''

    def _match(self, publishers: Sequence[TopicEndpointInfo]) -> None:
        """Subscribe anew if the present subscription does not suit these publishers."""
        types = [p.topic_type for p in publishers]
        type_name = self.type_name if self.type_name in types else types[0]
        same_type = [p for p in publishers if p.topic_type == type_name]
        qos = matching(same_type, self._depth)
        if type_name != self.type_name or self.qos is None:
            self.close()
            self._subscribe(type_name, qos)
        elif self.qos != qos and not (self._had_publishers and is_compatible(self.qos, same_type)):
            self._subscribe(type_name, qos, overlap=self._had_publishers)

    def _subscribe(self, type_name: str, qos: QoSProfile, overlap: bool = False) -> None:
        try:
            message_type = message_class(type_name)
        except ValueError as error:
            self.problem = str(error)
            return
        callback = partial(self._receive, message_type)
        if overlap and self._subscription is not None:
            self._end_overlap()
            duplicates = self._deduplication = Deduplication()
            self._old_subscription = self._subscription
            self._old_subscription.callback = partial(
                self._receive_once, duplicates, 0, message_type
            )
            callback = partial(self._receive_once, duplicates, 1, message_type)
            self._overlap_left = self.OVERLAP
        else:
            self.close()
        self.mismatch = ''
        self._subscription = self._node.create_subscription(
            message_type,
            self._topic,
            callback,
            qos,
            event_callbacks=on_mismatch(self._topic, self._report_mismatch),
            raw=True,
        )
        self.type_name = type_name

    def _receive_once(
        self, duplicates: Deduplication, subscription: int, message_type: Any, raw: bytes
    ) -> None:
        if duplicates.is_new(subscription, raw):
            self._receive(message_type, raw)

    def _advance_overlap(self, publishers: int) -> None:
        """Destroy the old subscription some refreshes after the new one has all publishers.

        Deduplication goes on for as many refreshes, for messages that are still in a queue.
        """
        if self._deduplication is None or self._subscription is None:
            return
        if self._old_subscription and self._subscription.get_publisher_count() < publishers:
            return
        self._overlap_left -= 1
        if self._overlap_left > 0:
            return
        if self._old_subscription is not None:
            self._node.destroy_subscription(self._old_subscription)
            self._old_subscription = None
            self._overlap_left = self.OVERLAP
        else:
            self._deduplication = None
            self._subscription.callback = partial(self._receive, self._subscription.msg_type)

    def _end_overlap(self) -> None:
        if self._old_subscription is not None:
            self._node.destroy_subscription(self._old_subscription)
        self._old_subscription = self._deduplication = None

    def _report_mismatch(self, text: str) -> None:
        self.mismatch = text
        self._node.get_logger().warning(text)
