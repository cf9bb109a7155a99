# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One recorded topic: its subscription, its state, and the sink for its messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
import threading
import time
from typing import Any, NamedTuple

from dcat_ros.bags.labels import LabelTrack
from dcat_ros.modalities import DecodeError
from dcat_ros.modalities.cdr import header_frame
from dcat_ros.nodes.common.matched_subscription import MatchedSubscription
from dcat_ros.nodes.recorder.bag_formats import label_text, recorded_qos
from dcat_ros.nodes.recorder.message_definitions import definition
from dcat_ros.nodes.recorder.sampled_check import SampledCheck
from dcat_ros.recording.session import Session
from dcat_ros.recording.session_topic import SessionTopic
from dcat_ros.recording.topic_statistics import RateStatistics, StampStatistics
from dcat_ros.sensors import Sensor
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy

HEAD = 12  # bytes up to the end of a header's stamp
SAMPLED = ('imu',)
"""Modalities whose messages are small enough to look into while they are recorded."""


class ReceivedMessage(NamedTuple):
    """What the stamp monitor gets of a message: topic, first bytes and arrival (ns).

    The bytes are all of a message of a modality in `SAMPLED`.
    """

    topic: RecordedTopic
    head: bytes
    arrival: int


class MessageSink:
    """Delivers the messages of all topics to the session, if there is one, and to the monitor.

    ``labels`` tracks the running label. Code that exchanges the session holds ``lock``, so that no
    label arrives in between.

    :param now: ROS time, ns.
    :param jumped: called in the receiver thread when the clock went back by more than
        `CLOCK_JUMP` within a session; returns the session that the message belongs to.
    """

    CLOCK_JUMP = 10**9
    MOST_UNCHECKED = 100_000

    def __init__(self, now: Callable[[], int], jumped: Callable[[], Session | None]) -> None:
        self.now = now
        self.session: Session | None = None
        self.labels = LabelTrack()
        self.lock = threading.RLock()
        self.received: deque[ReceivedMessage] = deque(maxlen=self.MOST_UNCHECKED)
        self._jumped = jumped

    def receive(self, topic: RecordedTopic, raw: bytes) -> None:
        """Deliver a serialised message."""
        arrival = self.now()
        if topic.carries_state:
            with self.lock:
                topic.remember_state(raw)
                self._deliver(topic, raw, arrival)
        else:
            self._deliver(topic, raw, arrival)
        head = raw if topic.plausibility is not None else raw[:HEAD]
        self.received.append(ReceivedMessage(topic, head, arrival))

    def receive_label(self, topic: RecordedTopic, raw: bytes) -> None:
        """Deliver a serialised label, and track it."""
        arrival = self.now()
        with self.lock:
            self._deliver(topic, raw, arrival)
            try:
                self.labels.add(arrival, label_text(raw))
            except DecodeError:
                topic.stamps.malformed += 1

    def start_session(self, session: Session, topics: Iterable[RecordedTopic]) -> None:
        """Deliver messages to a session from now on, beginning with the current states.

        The caller holds ``lock``.
        """
        for topic in topics:
            for raw in topic.state:
                self._record(session, topic, raw, self.now())
        self.session = session

    def _deliver(self, topic: RecordedTopic, raw: bytes, arrival: int) -> None:
        session = self.session
        if session is not None:
            if arrival < session.bag_time - self.CLOCK_JUMP:
                session = self._jumped()
            if session is not None:
                self._record(session, topic, raw, arrival)

    def _record(
        self, session: Session, topic: RecordedTopic, raw: bytes, arrival: int
    ) -> None:
        recorded = session.topics.get(topic.name)
        if recorded is None:
            recorded = topic.session_topic()
            session.add_topic(recorded)
        if not recorded.received and recorded.has_header:
            recorded.frame_id = _frame(raw)
        session.add_message(recorded, raw, arrival)


class RecordedTopic(MatchedSubscription):
    """Subscribes to one topic and delivers its messages to the sink.

    :param node: the node that subscribes.
    :param name: the topic's full name.
    :param sensor: whose samples it carries, None for others.
    :param depth: messages that the middleware keeps until they are received.
    :param may_drop: whether messages may be dropped when the disk is too slow.
    :param sink: gets the messages.
    :param carries_labels: whether its messages are labels.
    :param describes: whether its messages describe a sensor; each session begins with the newest.

    ``sensor`` and ``modality`` are the sensor's name and modality, '' for other topics. ``state``
    holds the current messages of a topic that carries a state: the newest description, or the
    newest messages of latched publishers.
    """

    MOST_STATES = 20

    def __init__(
        self,
        node: Node,
        name: str,
        sensor: Sensor | None,
        depth: int,
        may_drop: bool,
        sink: MessageSink,
        carries_labels: bool = False,
        describes: bool = False,
    ) -> None:
        deliver = sink.receive_label if carries_labels else sink.receive
        super().__init__(node, name, (), depth, partial(self._receive_message, deliver))
        self.name = name
        self.sensor, self.modality = (sensor.name, sensor.modality) if sensor else ('', '')
        self.state: deque[bytes] = deque(maxlen=1 if describes else self.MOST_STATES)
        self.rates = RateStatistics()
        self.stamps = StampStatistics()
        self.plausibility = SampledCheck(self.modality) if self.modality in SAMPLED else None
        self._may_drop = may_drop
        self._describes = describes
        self._carries_labels = carries_labels

    @property
    def carries_state(self) -> bool:
        """Whether messages from before a session are still valid in it."""
        return not self._carries_labels and (
            self._describes
            or (self.qos is not None
                and self.qos.durability == DurabilityPolicy.TRANSIENT_LOCAL)
        )

    def remember_state(self, raw: bytes) -> None:
        """Remember a message of a topic that carries a state."""
        if raw in self.state:
            self.state.remove(raw)
        self.state.append(raw)

    @property
    def has_header(self) -> bool:
        """Whether messages begin with a std_msgs/Header, as far as their type is known."""
        return self.type_name != '' and definition(self.type_name)[1]

    def session_topic(self) -> SessionTopic:
        """Return the topic for a new session.

        :raises ValueError: if there is no subscription, or the type has no definition here.
        """
        if not self.type_name:
            raise ValueError(f'{self.name} is not subscribed to')
        described, has_header = definition(self.type_name)
        return SessionTopic(
            self.name,
            described,
            [recorded_qos(publisher.qos_profile) for publisher in self.publishers],
            self.sensor,
            self.modality,
            has_header,
            self._may_drop,
        )

    def refresh(self) -> None:
        """Subscribe to the current publishers, if a bag can describe their type."""
        super().refresh()
        if self.type_name and not self.problem:
            try:
                definition(self.type_name)
            except ValueError as error:
                self.problem = str(error)

    def _receive_message(
        self, deliver: Callable[[RecordedTopic, bytes], None], kind: Any, raw: bytes
    ) -> None:
        deliver(self, raw)
        self.rates.count_message(len(raw), time.monotonic())


def _frame(raw: bytes) -> str:
    try:
        return header_frame(raw)
    except DecodeError:
        return ''
