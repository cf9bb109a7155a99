# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recorder's subscriptions: one for each topic, all in a receiver thread of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import threading
import time
import traceback

from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.common.run import make_executor
from dcat_ros.nodes.recorder.parameters import Settings
from dcat_ros.nodes.recorder.recorded_topic import MessageSink, RecordedTopic
from dcat_ros.sensors import Sensor
from rclpy.clock import Clock, ClockType
from rclpy.node import Node


class ReceiverThread:
    """Holds subscriptions apart from a node's services, timers and publishers.

    The node itself still responds when receiving has to wait for the disk. The name of the
    receiving node makes it a hidden one.

    :param owner: the node that records.
    :param refresh: called a few times a second in this thread, to follow the ROS graph.
    :param fail: called with the traceback of an unexpected error; receiving continues.
    """

    GRAPH_PERIOD = 0.2

    def __init__(
        self, owner: Node, refresh: Callable[[], None], fail: Callable[[str], object]
    ) -> None:
        self.node = Node(
            f'_{owner.get_name()}_subscriptions',
            context=owner.context,
            namespace=owner.get_namespace(),
            use_global_arguments=False,
            enable_rosout=False,
            start_parameter_services=False,
        )
        self._fail = fail
        self._executor = make_executor(owner.context)
        self._executor.add_node(self.node)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.node.create_timer(self.GRAPH_PERIOD, refresh, clock=steady)
        self._stop = False
        self._thread = threading.Thread(target=self._run, name='receiver', daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the thread and its subscriptions."""
        self._stop = True
        self._thread.join()
        self._executor.shutdown()
        self.node.destroy_node()

    def _run(self) -> None:
        while not self._stop and self.node.context.ok():
            self._spin()

    def _spin(self) -> None:
        try:
            self._executor.spin_once(timeout_sec=0.2)
        except Exception:  # noqa: BLE001 - one bad message must not end a recording
            self._fail(traceback.format_exc())


LABEL_TOPIC = '~/label'
IMAGE_DEPTH = 60
DEPTH = 1000


class RecorderSubscriptions:
    """Subscribes to all topics of the settings until it is closed.

    :param owner: the node that records.
    :param settings: name sensors and topics.
    :param sink: gets the messages.
    :param fail: called with the traceback of an unexpected error.
    """

    def __init__(
        self, owner: Node, settings: Settings, sink: MessageSink, fail: Callable[[str], object]
    ) -> None:
        self.sink = sink
        self.label_topic = owner.resolve_topic_name(LABEL_TOPIC)
        self.topics: list[RecordedTopic] = []
        self._receiver = ReceiverThread(owner, self._refresh, fail)
        droppable = {owner.resolve_topic_name(topic) for topic in settings.droppable}
        info = {topic for sensor in settings.sensors for topic in sensor.infos}
        for topic, sensor, depth in _wanted(settings):
            name = owner.resolve_topic_name(topic)
            if name in {recorded.name for recorded in self.topics}:
                continue
            self.topics.append(RecordedTopic(
                self._receiver.node, name, sensor, depth, name in droppable, sink,
                carries_labels=topic == LABEL_TOPIC, describes=topic in info,
            ))
        self._receiver.start()

    @property
    def sensors(self) -> dict[str, RecordedTopic]:
        """Return the topics of the sensors by their names."""
        return {topic.sensor: topic for topic in self.topics if topic.sensor}

    @property
    def label(self) -> RecordedTopic:
        """Return the topic of the labels."""
        return next(topic for topic in self.topics if topic.name == self.label_topic)

    @property
    def bandwidth(self) -> float:
        """Bytes per second on all topics."""
        return sum(topic.rates.bandwidth for topic in self.topics)

    def close(self) -> None:
        """End all subscriptions."""
        self._receiver.close()

    def _refresh(self) -> None:
        now = time.monotonic()
        for topic in self.topics:
            topic.refresh()
            topic.rates.sample(now)


def _wanted(settings: Settings) -> Iterator[tuple[str, Sensor | None, int]]:
    """Yield name, sensor and queue depth of all topics to subscribe to."""
    yield LABEL_TOPIC, None, DEPTH
    for sensor in settings.sensors:
        modality = MODALITIES[sensor.modality]
        yield sensor.topic, sensor, IMAGE_DEPTH if modality.latest_only else DEPTH
        for topic in sensor.infos:
            yield topic, None, DEPTH
    for topic in settings.topics:
        yield topic, None, DEPTH
