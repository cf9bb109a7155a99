# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Which sensor speaks, when another takes over, and when the answer is unknown."""

from collections.abc import Callable, Iterator, Sequence
import threading
from typing import NamedTuple

from dcat_ros.inference.decision import Hypothesis, UNKNOWN
from dcat_ros.inference.source import Source
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.windows import Window


class Answer(NamedTuple):
    """One classification to publish.

    ``stamp``: ns, of the last sample in the window, or of the moment a silence was noticed.
    ``modality``: the sensor that speaks, empty in a silence. ``reason``: why it is unknown
    without a window, else empty.
    """

    stamp: int
    frame_id: str
    modality: str
    hypotheses: list[Hypothesis]
    reason: str


class Engine:
    """Runs the sources and lets one of them speak.

    Sources are kept best first. The speaker is exchanged at the first window of a better source,
    or of any source when there is no speaker; a source that failed must first deliver for
    ``return_delay``. A speaker that is no longer wanted speaks on until its successor has a
    window, for at most :data:`GRACE` s of its own windows more than that one lasts. Stamps never
    repeat, and go back only where the clock itself jumped back by more than :data:`CLOCK_JUMP`.

    :param clock: the ROS time in ns, which stamps are compared with.
    :param steady: s on a clock that never jumps, by which silence is measured.
    """

    GRACE = 0.4
    CLOCK_JUMP = NANOSECONDS

    def __init__(self, clock: Callable[[], int], steady: Callable[[], float]) -> None:
        self.sources: list[Source] = []
        self.speaker: Source | None = None
        self.swaps = 0
        self.reason = ''
        self._clock = clock
        self._steady = steady
        self._lock = threading.Lock()
        self._quiet_since = steady()
        self._farewell = float('inf')
        self._said_unknown = False
        self._last_stamp = self._now = 0

    def use(self, sources: Sequence[Source]) -> None:
        """Let these sources, best first, be used from now on; the speaker is kept meanwhile."""
        with self._lock:
            self.sources = list(sources)
            self._quiet_since = self._steady()
            self._farewell = float('inf')
            if self.speaker is None:
                self._said_unknown = False
            elif self.speaker not in self.sources:
                longest = max((s.bundle.manifest.window.duration for s in sources), default=0.0)
                self._farewell = longest + self.GRACE

    @property
    def wanted(self) -> list[Source]:
        """Return the sources whose messages are needed: the speaker and what may replace it."""
        speaker = self.speaker
        if speaker is None:
            return list(self.sources)
        if speaker not in self.sources:
            return [speaker, *self.sources]
        return self.sources[:self.sources.index(speaker) + 1]

    def forget(self, source: Source) -> None:
        """Let a source forget what it received, between two steps."""
        with self._lock:
            source.reset()

    def step(self) -> list[Answer]:
        """Take all waiting messages and return what is to be published, in order."""
        with self._lock:
            self._read_clock()
            answers = [
                answer
                for source in self.wanted
                for window in source.take(self._now)
                for answer in self._heard(source, window)
            ]
            return answers + list(self._silence())

    def _read_clock(self) -> None:
        before, self._now = self._now, self._clock()
        if self._now < before - self.CLOCK_JUMP:
            self._last_stamp = 0

    def _heard(self, source: Source, window: Window) -> Iterator[Answer]:
        if not self._may_speak(source):
            return
        if source is not self.speaker:
            self._exchange(source)
        self._farewell -= source.stride
        if window.end <= self._last_stamp:
            source.counts['not newer'] += 1
            return
        self._quiet_since = self._steady()
        self._last_stamp = window.end
        self._said_unknown = False
        self.reason = ''
        yield Answer(window.end, source.frame_id, source.name, source.answer(window), '')

    def _may_speak(self, source: Source) -> bool:
        if source is self.speaker:
            return True
        if source not in self.sources:
            return False
        if self.speaker in self.sources:
            if self.sources.index(source) > self.sources.index(self.speaker):
                return False
            delivered = self._steady() - source.alive_since
            return not source.failed or delivered >= source.settings.return_delay
        return True

    def _exchange(self, source: Source) -> None:
        if self.speaker is not None:
            self.speaker.reset()
            self.swaps += 1
        self.speaker = source
        self._farewell = float('inf')
        source.decision.forget()

    def _silence(self) -> Iterator[Answer]:
        now = self._steady()
        for source in self.wanted:
            if source.alive_since > float('-inf') and not source.alive(now):
                source.reset()
                source.failed = True
        reason = self._why_silent(now)
        if not reason:
            return
        self.reason = reason
        if self.speaker is not None:
            self.speaker.failed = True
            self.speaker.decision.forget()
            self.speaker = None
            self._quiet_since = now
        if self._said_unknown:
            return
        self._said_unknown = True
        self._last_stamp = max(self._now, self._last_stamp + 1)
        yield Answer(self._last_stamp, '', '', [Hypothesis(UNKNOWN, 1.0)], reason)

    def _why_silent(self, now: float) -> str:
        speaker = self.speaker
        if speaker is not None:
            timeout = speaker.settings.stale_timeout
            if self._farewell < 0:
                return f'{self._names()}: no window yet, {speaker.name} was given up'
            if not speaker.alive(now):
                return f'{speaker.name}: no usable sample for {timeout:g} s'
            if speaker.overdue:
                return f'{speaker.name}: samples come, but with too many holes for a window'
            return ''
        if not self.sources:
            return ''
        alive = [s for s in self.sources if s.alive(now)]
        since = max(self._quiet_since, min((s.alive_since for s in alive), default=0.0))
        patience = max(s.settings.stale_timeout for s in self.sources)
        patience += max((s.bundle.manifest.window.duration for s in alive), default=0.0)
        if now - since <= patience:
            return ''
        if alive:
            names = ', '.join(s.name for s in alive)
            return f'{names}: samples come, but with too many holes for a window'
        return f'{self._names()}: no usable sample'

    def _names(self) -> str:
        return ', '.join(source.name for source in self.sources)
