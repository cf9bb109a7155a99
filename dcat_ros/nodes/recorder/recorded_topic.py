# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the recorder hears on one topic, and where it goes."""

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
from dcat_ros.recording import Session, Tally
from dcat_ros.recording.monitor import Beat, Stamps
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy

HEAD = 12  # bytes up to the end of a header's stamp


class Heard(NamedTuple):
    """A message for those who watch: its feed, its beginning, and its arrival (ns)."""

    feed: Feed
    head: bytes
    arrival: int


class Intake:
    """Where all feeds deliver: to the session, if there is one, and to who watches.

    ``labels`` knows the running label. Who exchanges the session holds ``lock``, so that no label
    comes between what the session says and what is running.

    :param now: ROS time, ns.
    :param jumped: called in the thread of reception when the clock went back by more than
        `CLOCK_JUMP` within a session; returns the session that the message belongs to.
    """

    CLOCK_JUMP = 10**9
    MOST_UNWATCHED = 100_000

    def __init__(self, now: Callable[[], int], jumped: Callable[[], Session | None]) -> None:
        self.now = now
        self.session: Session | None = None
        self.labels = LabelTrack()
        self.lock = threading.RLock()
        self.heard: deque[Heard] = deque(maxlen=self.MOST_UNWATCHED)
        self._jumped = jumped

    def take(self, feed: Feed, raw: bytes) -> None:
        """Take a serialised message."""
        arrival = self.now()
        if feed.carries_state:
            with self.lock:
                feed.keep(raw)
                self._deliver(feed, raw, arrival)
        else:
            self._deliver(feed, raw, arrival)
        self.heard.append(Heard(feed, raw[:HEAD], arrival))

    def take_label(self, feed: Feed, raw: bytes) -> None:
        """Take a serialised label."""
        arrival = self.now()
        with self.lock:
            self._deliver(feed, raw, arrival)
            try:
                self.labels.add(arrival, label_text(raw))
            except DecodeError:
                feed.stamps.malformed += 1

    def begin(self, session: Session, feeds: Iterable[Feed]) -> None:
        """Let messages go to a session, first of all the states that are in force.

        Call it with ``lock`` held.
        """
        for feed in feeds:
            for raw in feed.state:
                self._record(session, feed, raw, self.now())
        self.session = session

    def _deliver(self, feed: Feed, raw: bytes, arrival: int) -> None:
        session = self.session
        if session is not None:
            if arrival < session.bag_time - self.CLOCK_JUMP:
                session = self._jumped()
            if session is not None:
                self._record(session, feed, raw, arrival)

    def _record(self, session: Session, feed: Feed, raw: bytes, arrival: int) -> None:
        tally = session.tallies.get(feed.name)
        if tally is None:
            tally = feed.tally()
            session.add_topic(tally)
        if not tally.received and tally.has_header:
            tally.frame_id = _frame(raw)
        session.take(tally, raw, arrival)


class Feed(MatchedSubscription):
    """Follows one topic and delivers its messages.

    :param node: the node that subscribes.
    :param name: the topic's full name.
    :param sensor: a modality's name, or '' for others.
    :param depth: messages that the middleware keeps until they are received.
    :param may_drop: whether messages may be dropped when the disk cannot follow.
    :param intake: where they go.
    :param carries_labels: whether its messages are labels.
    :param describes: whether its messages describe a sensor; each session needs the newest.

    ``state`` holds what is in force of a topic that carries a state: the newest description, or
    the newest messages of latched publishers.
    """

    MOST_STATES = 20

    def __init__(
        self,
        node: Node,
        name: str,
        sensor: str,
        depth: int,
        may_drop: bool,
        intake: Intake,
        carries_labels: bool = False,
        describes: bool = False,
    ) -> None:
        take = intake.take_label if carries_labels else intake.take
        super().__init__(node, name, (), depth, partial(self._take, take))
        self.name = name
        self.sensor = sensor
        self.state: deque[bytes] = deque(maxlen=1 if describes else self.MOST_STATES)
        self.beat = Beat()
        self.stamps = Stamps()
        self._may_drop = may_drop
        self._describes = describes
        self._carries_labels = carries_labels

    @property
    def carries_state(self) -> bool:
        """Whether what was said before a session still holds in it."""
        return not self._carries_labels and (
            self._describes
            or (self.qos is not None
                and self.qos.durability == DurabilityPolicy.TRANSIENT_LOCAL)
        )

    def keep(self, raw: bytes) -> None:
        """Remember a message of a topic that carries a state."""
        if raw in self.state:
            self.state.remove(raw)
        self.state.append(raw)

    @property
    def has_header(self) -> bool:
        """Whether messages begin with a std_msgs/Header, as far as their type is known."""
        return self.type_name != '' and definition(self.type_name)[1]

    def tally(self) -> Tally:
        """Return an empty tally for a session.

        :raises ValueError: if nothing is subscribed to, or the type has no definition here.
        """
        if not self.type_name:
            raise ValueError(f'{self.name} is not subscribed to')
        described, has_header = definition(self.type_name)
        return Tally(
            self.name,
            described,
            [recorded_qos(publisher.qos_profile) for publisher in self.publishers],
            self.sensor,
            has_header,
            self._may_drop,
        )

    def refresh(self) -> None:
        """Subscribe to what is published now and can be described in a bag."""
        super().refresh()
        if self.type_name and not self.problem:
            try:
                definition(self.type_name)
            except ValueError as error:
                self.problem = str(error)

    def _take(self, take: Callable[[Feed, bytes], None], kind: Any, raw: bytes) -> None:
        take(self, raw)
        self.beat.tick(len(raw), time.monotonic())


def _frame(raw: bytes) -> str:
    try:
        return header_frame(raw)
    except DecodeError:
        return ''
