# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What feeds a source: its topic, and what other topics say of the stream."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from dcat_ros.inference import Source
from dcat_ros.inference.source import Waiting
from dcat_ros.modalities import DecodeError, MODALITIES
from dcat_ros.nodes.common.matched_subscription import MatchedSubscription
from rclpy.node import Node
from rclpy.serialization import deserialize_message


class Input(MatchedSubscription):
    """Feeds a source from its topic; messages stay serialised until the source takes them.

    :param node: the node that subscribes.
    :param source: what is fed.
    :param wake: called after each message that is to be taken at once.
    """

    IMAGE_DEPTH = 5
    DEPTH = 200

    def __init__(self, node: Node, source: Source, wake: Callable[[], None]) -> None:
        modality = source.bundle.modality
        depth = self.IMAGE_DEPTH if modality.latest_only else self.DEPTH
        # Not a method of this object: in a cycle, a source given up would wait for the collector.
        receive = partial(_offer, source, wake)
        super().__init__(node, modality.topic, modality.message_types, depth, receive)
        self.source = source

    @property
    def obstacle(self) -> str:
        """Why no usable sample comes, as far as it is known, else ''."""
        if self.problem:
            return f'waiting for {self.source.name}: {self.problem}'
        return self.mismatch or self.source.obstacle


class Descriptions:
    """Follows the topics that only describe a sensor's stream, such as AudioInfo.

    Their messages are few and often not latched, so they are kept for whatever source comes next:
    it understands the stream from its first sample on.

    :param node: the node that subscribes.
    :param tell: called with the modality and the message, when one comes.
    """

    def __init__(self, node: Node, tell: Callable[[str, Waiting], None]) -> None:
        self._node = node
        self._tell = tell
        self._newest: dict[tuple[str, str], Waiting] = {}
        self._followers: dict[tuple[str, str], MatchedSubscription] = {}

    def refresh(self, modalities: Iterable[str]) -> None:
        """Follow the topics of these modalities and no others."""
        wanted = {(name, topic) for name in modalities for topic in MODALITIES[name].info}
        for key in set(self._followers) - wanted:
            self._followers.pop(key).close()
        for name, topic in wanted - set(self._followers):
            self._followers[name, topic] = MatchedSubscription(
                self._node, topic, [MODALITIES[name].info[topic]], 1,
                partial(self._keep, name, topic),
            )
        for follower in self._followers.values():
            follower.refresh()

    def of(self, modality: str) -> list[Waiting]:
        """Return the newest description of each kind that came for a modality."""
        return [waiting for (name, _), waiting in self._newest.items() if name == modality]

    def close(self) -> None:
        """Give up all subscriptions."""
        self.refresh([])

    def _keep(self, modality: str, topic: str, kind: Any, raw: bytes) -> None:
        waiting = Waiting(raw, partial(deserialised, kind), stamped=False)
        self._newest[modality, topic] = waiting
        self._tell(modality, waiting)


def _offer(source: Source, wake: Callable[[], None], kind: Any, raw: bytes) -> None:
    if source.offer(Waiting(raw, partial(deserialised, kind), stamped=True)):
        wake()


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
