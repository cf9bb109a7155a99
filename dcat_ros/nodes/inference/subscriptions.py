# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Subscriptions that pass serialised messages to the sources."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from dcat_ros.inference import Engine, Source
from dcat_ros.inference.source import SerializedMessage
from dcat_ros.modalities import DecodeError
from dcat_ros.nodes.common.matched_subscription import MatchedSubscription
from dcat_ros.sensors import Sensor
from rclpy.node import Node
from rclpy.serialization import deserialize_message


class SensorSubscription(MatchedSubscription):
    """Passes the messages of a sensor's topic to its source.

    :param node: the node that subscribes.
    :param source: the sensor's source.
    :param wake: called after each message that should be processed at once.
    """

    IMAGE_DEPTH = 5
    DEPTH = 200

    def __init__(self, node: Node, source: Source, wake: Callable[[], None]) -> None:
        modality = source.bundle.modality
        depth = self.IMAGE_DEPTH if modality.latest_only else self.DEPTH
        # Not a method of this object: in a reference cycle, only the garbage collector would free
        # the source and its model.
        receive = partial(_enqueue, source, wake)
        super().__init__(node, source.sensor.topic, modality.message_types, depth, receive)
        self.source = source

    @property
    def why_no_samples(self) -> str:
        """Return why no usable sample arrives, '' if one does or no reason is known."""
        if self.problem:
            return f'waiting for {self.source.name}: {self.problem}'
        return self.mismatch or self.source.problem


class Subscriptions:
    """Subscribes to the sensors that an engine needs, and to the topics that describe them.

    Messages of info topics, such as AudioInfo, are few and often not latched. So the newest are
    stored: a source that is added later can decode its stream from the first message on.

    :param node: the node that subscribes.
    :param engine: the engine whose sources get the messages.
    :param wake: called after each message that should be processed at once.
    """

    def __init__(self, node: Node, engine: Engine, wake: Callable[[], None]) -> None:
        self._node = node
        self._engine = engine
        self._wake = wake
        self._sensors: dict[Source, SensorSubscription] = {}
        self._infos: dict[str, MatchedSubscription] = {}
        self._newest_infos: dict[str, SerializedMessage] = {}

    @property
    def sensors(self) -> list[SensorSubscription]:
        """Return the subscriptions to sensors."""
        return list(self._sensors.values())

    def refresh(self, sensors: Iterable[Sensor]) -> None:
        """Subscribe to what is needed and published now.

        :param sensors: those whose info topics are subscribed to.
        """
        self._refresh_infos(sensors)
        needed = self._engine.needed
        for source in [source for source in self._sensors if source not in needed]:
            self._sensors.pop(source).close()
            self._engine.reset(source)
        for source in needed:
            if source not in self._sensors:
                self._sensors[source] = SensorSubscription(self._node, source, self._wake)
                for message in self.newest_infos(source.sensor):
                    source.enqueue(message)
            self._sensors[source].refresh()

    def newest_infos(self, sensor: Sensor) -> list[SerializedMessage]:
        """Return the newest message of each info topic of a sensor."""
        return [self._newest_infos[topic] for topic in sensor.infos if topic in self._newest_infos]

    def close(self) -> None:
        """Destroy all subscriptions."""
        for subscription in self._sensors.values():
            subscription.close()
        self._sensors.clear()
        self._refresh_infos([])

    def _refresh_infos(self, sensors: Iterable[Sensor]) -> None:
        topics = {topic: kind for sensor in sensors for topic, kind in sensor.infos.items()}
        for topic in self._infos.keys() - topics.keys():
            self._infos.pop(topic).close()
        for topic in topics.keys() - self._infos.keys():
            self._infos[topic] = MatchedSubscription(
                self._node, topic, [topics[topic]], 1, partial(self._receive_info, topic)
            )
        for subscription in self._infos.values():
            subscription.refresh()

    def _receive_info(self, topic: str, message_type: Any, raw: bytes) -> None:
        message = SerializedMessage(raw, partial(_deserialize, message_type), has_header=False)
        self._newest_infos[topic] = message
        for source in self._sensors:
            if topic in source.sensor.infos:
                source.enqueue(message)


def _enqueue(source: Source, wake: Callable[[], None], message_type: Any, raw: bytes) -> None:
    message = SerializedMessage(raw, partial(_deserialize, message_type), has_header=True)
    if source.enqueue(message):
        wake()


def _deserialize(message_type: Any, raw: bytes) -> Any:
    """Return the message of a class.

    :raises DecodeError: if the bytes are not such a message.
    """
    try:
        return deserialize_message(raw, message_type)
    except (RuntimeError, MemoryError) as error:
        raise DecodeError(
            f'{len(raw)} bytes are no {message_type.__name__} message: run one release of ROS 2, '
            'and of the message package, on both sides'
        ) from error
