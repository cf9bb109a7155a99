# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Starts, continues and ends sessions, one after another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count
import json
from pathlib import Path
import time

from dcat_ros.bags.qos import LATCHED
from dcat_ros.nodes.recorder.bag_formats import label_message, STRING
from dcat_ros.nodes.recorder.message_definitions import definition
from dcat_ros.nodes.recorder.parameters import MEGABYTE, Settings
from dcat_ros.nodes.recorder.recorded_topic import RecordedTopic
from dcat_ros.nodes.recorder.stamp_monitor import StampMonitor
from dcat_ros.nodes.recorder.subscriptions import RecorderSubscriptions
from dcat_ros.recording.resources import free_bytes
from dcat_ros.recording.session import Session
from dcat_ros.recording.session_topic import SessionTopic
from rclpy.impl.rcutils_logger import RcutilsLogger


class SessionManager:
    """Opens and closes sessions, of which at most one runs.

    ``problem`` says why the last one ended by itself, '' otherwise. `continue_in_new_bag` runs in
    the receiver thread, everything else in the node's thread.

    :param settings: returns the current settings.
    :param subscriptions: whose sink delivers the messages.
    :param log: the node's logger.
    :param ended: called with each closed bag.
    """

    SPACE_PERIOD = 0.5
    SETTLED = 5.0
    """Seconds after which a session's own growth tells how fast the disk fills."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        subscriptions: RecorderSubscriptions,
        stamp_monitor: StampMonitor,
        log: RcutilsLogger,
        ended: Callable[[Path], None],
    ) -> None:
        self.problem = ''
        self.started = 0.0
        self._settings = settings
        self._sink = subscriptions.sink
        self._subscriptions = subscriptions
        self._stamp_monitor = stamp_monitor
        self._log = log
        self._ended = ended
        self._interrupted: list[Session] = []
        self._space_checked_at = 0.0
        self._directory = Path()
        self._dropped = 0

    @property
    def current(self) -> Session | None:
        """Return the session that runs, if any."""
        return self._sink.session

    def start(self) -> str:
        """Begin a session; return what the operator should know.

        :raises ValueError: when one runs already, there is too little space, or no time yet.
        :raises OSError: when the bag cannot be made, or is there already.
        """
        if self.current is not None:
            raise ValueError(f'already recording {self.current.directory}: stop that first')
        settings = self._settings()
        if not self._sink.now():
            raise ValueError('use_sim_time is set, but nobody sends /clock: play with --clock')
        self._require_space(settings)
        self._directory = settings.bag_directory(datetime.now())
        session = self._open(self._directory)
        self._stamp_monitor.begin()
        self._dropped = 0
        self.problem = ''
        self.started = time.monotonic()
        self._begin(session)
        return f'recording {session.directory}, {self._expectation()}'

    def stop(self, ended: str = 'stopped') -> Path:
        """End the session and close its bag.

        :param ended: why, for the bag.
        :raises ValueError: when none runs, or not all of it could be written.
        :raises OSError: when the bag cannot be closed.
        """
        self._finish_interrupted()
        with self._sink.lock:
            session, self._sink.session = self._sink.session, None
        if session is None:
            because = f'; the last one ended by itself: {self.problem}' if self.problem else ''
            raise ValueError(f'no session runs{because}')
        self._finish(session, ended)
        if session.failure:
            self.problem = session.failure
            raise ValueError(f'the bag is closed, but not complete: {session.failure}')
        return session.directory

    def continue_in_new_bag(self) -> Session | None:
        """Continue in another bag because the clock went back; runs in the receiver thread.

        :returns: the session that messages belong to from now on.
        """
        with self._sink.lock:
            session, self._sink.session = self._sink.session, None
            if session is not None:
                self._interrupted.append(session)
                try:
                    self._begin(self._open(_next_free(self._directory)))
                except OSError as error:
                    self.problem = str(error)
            return self._sink.session

    def check(self) -> None:
        """End a session that cannot continue, and warn of dropped messages."""
        self._stamp_monitor.check()
        self._finish_interrupted()
        session = self.current
        if session is None:
            return
        if session.failure:
            self._abort(session.failure)
        elif time.monotonic() - self._space_checked_at >= self.SPACE_PERIOD:
            self._space_checked_at = time.monotonic()
            try:
                self._require_space(self._settings())
            except ValueError as error:
                self._abort(str(error))
        if session.dropped > self._dropped:
            self._dropped = session.dropped
            self._log.warning(
                f'{session.dropped} messages dropped so far: the disk is too slow; record fewer '
                'or smaller images, or to a faster disk',
                throttle_duration_sec=5.0,
            )

    @property
    def minutes_left(self) -> float | None:
        """Minutes until the disk is full, None while nothing is received."""
        settings, session = self._settings(), self.current
        speed = self._subscriptions.bandwidth
        if session is not None and (elapsed := time.monotonic() - self.started) > self.SETTLED:
            speed = session.size / elapsed
        if not speed:
            return None
        return max(0.0, (free_bytes(settings.output) - settings.least_free) / speed / 60.0)

    def _expectation(self) -> str:
        minutes = self.minutes_left
        if minutes is None:
            return 'nothing received yet'
        return f'{minutes:.0f} minutes left at the present rate'

    def _require_space(self, settings: Settings) -> None:
        free = free_bytes(settings.output)
        if free < settings.least_free:
            raise ValueError(
                f'disk full: {free // MEGABYTE} MB free for {settings.output}, least_free_space '
                f'is {settings.least_free // MEGABYTE}: make room, or set output'
            )

    def _open(self, directory: Path) -> Session:
        settings = self._settings()
        note = {
            'source': 'dcat_ros recorder',
            'subject': settings.subject,
            'session': settings.session or directory.name,
            'location': settings.location,
            'notes': settings.notes,
            'label_topic': self._subscriptions.label_topic,
        }
        return Session(directory, note, settings.storage, settings.queue_limit)

    def _begin(self, session: Session) -> None:
        """Deliver messages to a session, beginning with the running label and other states."""
        with self._sink.lock:
            label = self._sink.labels.label
            if label:
                described, _ = definition(STRING)
                topic = SessionTopic(
                    self._subscriptions.label_topic, described, [LATCHED], has_header=False
                )
                session.add_topic(topic)
                session.add_message(topic, label_message(label), self._sink.now())
            self._sink.start_session(session, self._subscriptions.topics)

    def _finish(self, session: Session, ended: str) -> None:
        """End the running label and close the session's bag."""
        settings = self._settings()
        self._stamp_monitor.end()
        session.drain()
        label_topic = self._subscriptions.label_topic
        if not session.failure and label_topic in session.topics:
            session.append(session.topics[label_topic], label_message(''), self._sink.now())
        session.close({
            'location': settings.location,
            'notes': settings.notes,
            'ended': session.failure or ended,
            'topics': json.dumps({
                topic.name: _summary(session, topic)
                for topic in self._subscriptions.topics
                if topic.name in session.topics or topic.sensor
            }),
            'pairing': json.dumps([pairing.record() for pairing in self._stamp_monitor.pairings]),
        })
        self._ended(session.directory)

    def _finish_interrupted(self) -> None:
        while self._interrupted:
            self._log.warning('the clock went back: the session continues in another bag')
            self._finish(self._interrupted.pop(0), 'the clock went back')

    def _abort(self, reason: str) -> None:
        self._log.error(f'the session ends: {reason}')
        try:
            self.stop(reason)
        except ValueError as error:
            self._log.error(str(error))
        except OSError as error:
            reason += f'; the bag is not closed ({error}): make room, then `dcat recover` it'
            self._log.error(reason)
        self.problem = reason


def _next_free(directory: Path) -> Path:
    """Return the directory's name with the first free number behind it."""
    return next(
        path for number in count(2)
        if not (path := directory.with_name(f'{directory.name}_{number}')).exists()
    )


def _summary(session: Session, topic: RecordedTopic) -> dict:
    if topic.name in session.topics:
        return session.topics[topic.name].summary()
    return {
        'sensor': topic.sensor, 'modality': topic.modality, 'frame_id': '', 'stamped_by': '',
        'qos': [], 'received': 0, 'written': 0, 'dropped': 0, 'rate': 0.0,
    }
