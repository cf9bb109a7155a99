"""The subscriptions that feed one source, made when publishers are there and as they offer."""

from collections.abc import Callable
from functools import partial
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.serialization import deserialize_message
from rclpy.subscription import Subscription
from rclpy.topic_endpoint_info import TopicEndpointInfo

from dcat_ros.inference import Source
from dcat_ros.inference.source import Waiting
from dcat_ros.modalities import DecodeError
from dcat_ros.nodes.messages import message_class
from dcat_ros.nodes.qos import matching, on_mismatch


class Input:
    """Feeds a source from the graph; ``refresh`` follows publishers as they come and go.

    Messages stay serialised until the source's thread takes them.

    :param node: the node that subscribes.
    :param source: what is fed.
    :param wake: called after each message.
    """

    IMAGE_DEPTH = 5
    DEPTH = 200

    def __init__(self, node: Node, source: Source, wake: Callable[[], None]) -> None:
        self.source = source
        self.problem = ''
        self.mismatch = ''
        self._node = node
        self._wake = wake
        self._subscriptions: dict[str, tuple[str, QoSProfile, Subscription]] = {}
        modality = source.bundle.modality
        self._topics = {
            modality.topic: modality.message_types,
            **{topic: (type_name,) for topic, type_name in modality.info.items()},
        }

    @property
    def obstacle(self) -> str:
        """Why no usable sample comes, as far as it is known, else ''."""
        return self.problem or self.mismatch or self.source.obstacle

    def refresh(self) -> None:
        """Subscribe to what is published now; say in ``problem`` why nothing can be heard."""
        self.problem = ''
        for topic, types in self._topics.items():
            publishers = self._node.get_publishers_info_by_topic(topic)
            usable = [p for p in publishers if p.topic_type in types]
            if usable:
                self._follow(topic, usable)
            elif types is self.source.bundle.modality.message_types:
                self.problem = self._why_none(topic, types, publishers)

    def close(self) -> None:
        """Give up all subscriptions and what waits in the source."""
        for _, _, subscription in self._subscriptions.values():
            self._node.destroy_subscription(subscription)
        self._subscriptions.clear()

    def _why_none(
        self, topic: str, types: tuple[str, ...], publishers: list[TopicEndpointInfo]
    ) -> str:
        full_name = self._node.resolve_topic_name(topic)
        if publishers:
            found = ', '.join(sorted({p.topic_type for p in publishers}))
            return f'{full_name} carries {found}, expected {" or ".join(types)}: remap {topic}'
        return f'waiting for {self.source.name}: 0 publishers on {full_name}'

    def _follow(self, topic: str, publishers: list[TopicEndpointInfo]) -> None:
        type_name = publishers[0].topic_type
        latest_only = self.source.bundle.modality.latest_only
        qos = matching(publishers, self.IMAGE_DEPTH if latest_only else self.DEPTH)
        held = self._subscriptions.get(topic)
        if held is not None:
            if held[:2] == (type_name, qos):
                return
            self._node.destroy_subscription(held[2])
            self.mismatch = ''
        try:
            kind = message_class(type_name)
        except ValueError as error:
            self.problem = str(error)
            return
        stamped = topic == self.source.bundle.modality.topic
        subscription = self._node.create_subscription(
            kind,
            topic,
            partial(self._receive, kind, stamped),
            qos,
            event_callbacks=on_mismatch(topic, self._report_mismatch),
            raw=True,
        )
        self._subscriptions[topic] = (type_name, qos, subscription)

    def _receive(self, kind: Any, stamped: bool, raw: bytes) -> None:
        self.source.offer(Waiting(raw, partial(deserialised, kind), stamped))
        self._wake()

    def _report_mismatch(self, text: str) -> None:
        self.mismatch = text
        self._node.get_logger().warning(text)


def deserialised(kind: Any, raw: bytes) -> Any:
    """Return the message of that class.

    :raises DecodeError: if the bytes are none.
    """
    try:
        return deserialize_message(raw, kind)
    except (RuntimeError, MemoryError) as error:
        raise DecodeError(
            f'{len(raw)} bytes are no {kind.__name__} message: run one release of ROS 2, and of '
            'the message package, on both sides'
        ) from error
