# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Sessions one after another: how each begins, goes on, and ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
import json
from pathlib import Path
import time

from dcat_ros.bags.qos import LATCHED
from dcat_ros.nodes.recorder.bag_formats import label_message, STRING
from dcat_ros.nodes.recorder.message_definitions import definition
from dcat_ros.nodes.recorder.parameters import MEGABYTE, Settings
from dcat_ros.nodes.recorder.recorded_topic import Feed, Intake
from dcat_ros.nodes.recorder.stamp_monitor import Watch
from dcat_ros.nodes.recorder.subscriptions import Reception
from dcat_ros.recording import Plan, Session, Tally
from dcat_ros.recording.space import free_bytes, numbered
from rclpy.impl.rcutils_logger import RcutilsLogger


class Sessions:
    """Opens and closes sessions, of which at most one runs.

    ``problem`` says why the last one ended by itself, or '' . All but `go_on` belongs to the
    node's thread.

    :param settings: given at any time, those in force.
    :param intake: where sessions get their messages.
    :param log: the node's logger.
    :param ended: called with each bag that was closed.
    """

    SPACE_PERIOD = 0.5
    SETTLED = 5.0
    """Seconds after which a session's own growth tells how fast the disk fills."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        intake: Intake,
        reception: Reception,
        watch: Watch,
        log: RcutilsLogger,
        ended: Callable[[Path], None],
    ) -> None:
        self.problem = ''
        self.began = 0.0
        self._settings = settings
        self._intake = intake
        self._reception = reception
        self._watch = watch
        self._log = log
        self._ended = ended
        self._interrupted: list[Session] = []
        self._space_looked_at = 0.0
        self._directory = Path()
        self._dropped = 0

    @property
    def current(self) -> Session | None:
        """Return the session that runs, if any."""
        return self._intake.session

    def start(self) -> str:
        """Begin a session; return what the operator should know.

        :raises ValueError: when one runs already, there is too little space, or no time yet.
        :raises OSError: when the bag cannot be made, or is there already.
        """
        if self.current is not None:
            raise ValueError(f'already recording {self.current.plan.directory}: stop that first')
        settings = self._settings()
        if not self._intake.now():
            raise ValueError('use_sim_time is set, but nobody sends /clock: play with --clock')
        self._require_space(settings)
        self._directory = settings.bag(datetime.now())
        session = self._open(self._directory)
        self._watch.begin()
        self._dropped = 0
        self.problem = ''
        self.began = time.monotonic()
        self._begin(session)
        return f'recording {session.plan.directory}, {self._expectation()}'

    def stop(self, ended: str = 'stopped') -> Path:
        """End the session and close its bag.

        :param ended: why, for the bag.
        :raises ValueError: when none runs, or not all of it could be written.
        :raises OSError: when the bag cannot be closed.
        """
        self._finish_interrupted()
        with self._intake.lock:
            session, self._intake.session = self._intake.session, None
        if session is None:
            because = f'; the last one ended by itself: {self.problem}' if self.problem else ''
            raise ValueError(f'no session runs{because}')
        self._finish(session, ended)
        if session.failure:
            self.problem = session.failure
            raise ValueError(f'the bag is closed, but not complete: {session.failure}')
        return session.plan.directory

    def go_on(self) -> Session | None:
        """Continue in another bag, since the clock went back; called in the thread of reception.

        :returns: the session that messages belong to from now on.
        """
        with self._intake.lock:
            session, self._intake.session = self._intake.session, None
            if session is not None:
                self._interrupted.append(session)
                try:
                    self._begin(self._open(numbered(self._directory)))
                except OSError as error:
                    self.problem = str(error)
            return self._intake.session

    def look(self) -> None:
        """See to it that a session which cannot go on is ended."""
        self._watch.look()
        self._finish_interrupted()
        session = self.current
        if session is None:
            return
        if session.failure:
            self._give_up(session.failure)
        elif time.monotonic() - self._space_looked_at >= self.SPACE_PERIOD:
            self._space_looked_at = time.monotonic()
            try:
                self._require_space(self._settings())
            except ValueError as error:
                self._give_up(str(error))
        if session.dropped > self._dropped:
            self._dropped = session.dropped
            self._log.warning(
                f'{session.dropped} messages dropped so far: the disk cannot follow; record fewer '
                'or smaller images, or to a faster disk',
                throttle_duration_sec=5.0,
            )

    @property
    def minutes_left(self) -> float | None:
        """Minutes until the disk is full, None while nothing is received."""
        settings, session = self._settings(), self.current
        speed = self._reception.bandwidth
        if session is not None and (elapsed := time.monotonic() - self.began) > self.SETTLED:
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
            'label_topic': self._reception.label_topic,
        }
        return Session(Plan(directory, note, settings.layout, settings.backlog))

    def _begin(self, session: Session) -> None:
        """Let messages go to a session, what is in force first: the label, and other states."""
        with self._intake.lock:
            label = self._intake.labels.label
            if label:
                described, _ = definition(STRING)
                tally = Tally(self._reception.label_topic, described, [LATCHED], has_header=False)
                session.add_topic(tally)
                session.take(tally, label_message(label), self._intake.now())
            self._intake.begin(session, self._reception.feeds)

    def _finish(self, session: Session, ended: str) -> None:
        """Close a session's bag, with the running label ended."""
        settings = self._settings()
        self._watch.end()
        session.drain()
        label_topic = self._reception.label_topic
        if not session.failure and label_topic in session.tallies:
            session.append(session.tallies[label_topic], label_message(''), self._intake.now())
        session.close({
            'location': settings.location,
            'notes': settings.notes,
            'ended': session.failure or ended,
            'topics': json.dumps({
                feed.name: _record(session, feed)
                for feed in self._reception.feeds
                if feed.name in session.tallies or feed.sensor
            }),
            'pairing': json.dumps([pairing.record() for pairing in self._watch.pairings]),
        })
        self._ended(session.plan.directory)

    def _finish_interrupted(self) -> None:
        while self._interrupted:
            self._log.warning('the clock went back: the session goes on in another bag')
            self._finish(self._interrupted.pop(0), 'the clock went back')

    def _give_up(self, reason: str) -> None:
        self._log.error(f'the session ends: {reason}')
        try:
            self.stop(reason)
        except ValueError as error:
            self._log.error(str(error))
        except OSError as error:
            reason += f'; the bag is not closed ({error}): make room, then `dcat recover` it'
            self._log.error(reason)
        self.problem = reason


def _record(session: Session, feed: Feed) -> dict:
    if feed.name in session.tallies:
        return session.tallies[feed.name].record()
    return {
        'sensor': feed.sensor, 'frame_id': '', 'stamped_by': '', 'qos': [],
        'received': 0, 'written': 0, 'dropped': 0, 'rate': 0.0,
    }
