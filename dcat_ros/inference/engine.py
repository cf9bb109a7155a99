# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Chooses the active source, switches to another, and decides when the answer is unknown."""

from collections.abc import Callable, Iterator, Sequence
import threading
from typing import NamedTuple

from dcat_ros.inference.decision import combined, Hypothesis, ranked, Vote
from dcat_ros.inference.source import Source
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.windows import Window


class Answer(NamedTuple):
    """One classification to publish.

    ``stamp``: ns, of the last sample in the window, or of the time at which a silence was noticed.
    ``modality``: the active sensor, empty if there is none. ``reason``: why the answer is unknown
    without a look at a window, empty if the model judged one.
    """

    stamp: int
    frame_id: str
    modality: str
    hypotheses: list[Hypothesis]
    reason: str


class Engine:
    """Runs the sources and returns the answers of one of them, the active source.

    Sources are ordered from best to worst. A source becomes active at its first window if it is
    better than the active one, or if no source is active; a source that failed must first deliver
    for ``return_delay``. An active source that is no longer in use stays active until its
    successor has a window, for at most :data:`GRACE` s longer than the successor's window lasts.
    A source whose samples are implausible counts as failed; without another one, each of its
    windows is answered by ``unknown`` with the reason.
    Where sources vote, the others that are alive and have the same classes take part in each
    answer of the active source, by what they said of their newest window, if at least half of it
    is common to both. ``voters`` are the names of all that took part in the newest answer, and
    ``threshold`` is theirs. ``votes`` tells whether sources vote.
    Stamps never repeat, and go back only if the clock itself jumped back by more than
    :data:`CLOCK_JUMP`.

    :param clock: returns the ROS time in ns, which stamps are compared with.
    :param steady: returns s on a clock that never jumps, by which silence is measured.
    """

    GRACE = 0.4
    CLOCK_JUMP = NANOSECONDS

    def __init__(self, clock: Callable[[], int], steady: Callable[[], float]) -> None:
        self.sources: list[Source] = []
        self.active_source: Source | None = None
        self.swaps = 0
        self.reason = ''
        self.voters: list[str] = []
        self.threshold = 0.0
        self.votes = False
        self._clock = clock
        self._steady = steady
        self._lock = threading.Lock()
        self._silent_since = steady()
        self._grace_left = float('inf')
        self._unknown_published = False
        self._last_stamp = self._now = 0

    def set_sources(self, sources: Sequence[Source], votes: bool = False) -> None:
        """Use these sources from now on; the active source stays active meanwhile.

        :param sources: best first.
        :param votes: whether sources with the same classes vote.
        """
        with self._lock:
            self.sources = list(sources)
            self.votes = votes
            self._silent_since = self._steady()
            self._grace_left = float('inf')
            if self.active_source is None:
                self._unknown_published = False
            elif self.active_source not in self.sources:
                longest = max((s.bundle.manifest.window.duration for s in sources), default=0.0)
                self._grace_left = longest + self.GRACE

    @property
    def needed(self) -> list[Source]:
        """Return the sources whose messages are needed: the active one and its replacements.

        Those that vote come first, so that the active source knows their newest votes.
        """
        active = self.active_source
        if active is None:
            return list(self.sources)
        if active not in self.sources:
            return [active, *self.sources]
        place = self.sources.index(active) + 1
        voters = [source for source in self.sources[place:] if self._votes_with(source, active)]
        return [*voters, *self.sources[:place]]

    def reset(self, source: Source) -> None:
        """Discard what a source has received, between two steps."""
        with self._lock:
            source.reset()

    def step(self) -> list[Answer]:
        """Process all queued messages and return what is to be published, in order."""
        with self._lock:
            previous, self._now = self._now, self._clock()
            if self._now < previous - self.CLOCK_JUMP:
                self._last_stamp = 0
            answers = [
                answer
                for source in self.needed
                for window in source.process(self._now)
                for answer in self._answers(source, window)
            ]
            return answers + list(self._unknown_if_silent())

    def _answers(self, source: Source, window: Window) -> Iterator[Answer]:
        """Yield the answer to a window if its source is active or becomes active by it."""
        if window.problem:
            yield from self._distrusted(source, window)
            return
        if not self._may_be_active(source):
            if self.active_source is not None and self._votes_with(source, self.active_source):
                source.judge(window)
            return
        if source is not self.active_source:
            self._activate(source)
        self._grace_left -= source.stream.stride
        if window.end <= self._last_stamp:
            source.counts['not newer'] += 1
            return
        self._silent_since = self._steady()
        self._last_stamp = window.end
        self._unknown_published = False
        self.reason = ''
        hypotheses = self._decided(source, window)
        yield Answer(window.end, source.frame_id, source.name, hypotheses, '')

    def _votes_with(self, source: Source, active: Source) -> bool:
        """Tell whether a source takes part in the answers of the active one."""
        own, others = active.bundle.manifest.classes, source.bundle.manifest.classes
        return self.votes and set(own) == set(others)

    def _decided(self, source: Source, window: Window) -> list[Hypothesis]:
        """Return the ranked hypotheses of the active source and of those that vote with it."""
        cast = {source.name: source.judge(window)}
        for other in self.sources:
            if other is not source and self._votes_with(other, source):
                cast[other.name] = self._current_vote(other, source, window.end)
        votes = {name: vote for name, vote in cast.items() if vote is not None}
        self.voters = list(votes)
        vote = combined(list(votes.values())) if votes else None
        self.threshold = vote.threshold if vote else source.decision.threshold
        return ranked(vote)

    def _current_vote(self, source: Source, active: Source, end: int) -> Vote | None:
        """Return what a source said last, if its window has half in common with one of the end."""
        durations = [each.bundle.manifest.window.duration for each in (source, active)]
        apart = 0.5 * min(durations) * NANOSECONDS
        if source.vote is None or not source.alive(self._steady()):
            return None
        return source.vote if abs(source.vote.end - end) <= apart else None

    def _distrusted(self, source: Source, window: Window) -> Iterator[Answer]:
        """Deactivate a source with a problem; yield ``unknown`` if no other source is active."""
        now = self._steady()
        source.failed, source.alive_since, source.vote = True, now, None
        if self.active_source is source:
            source.decision.reset()
            self.active_source = None
            self._grace_left = float('inf')
        if self.active_source is not None or window.end <= self._last_stamp:
            return
        self._silent_since = now
        self._last_stamp = window.end
        self._unknown_published = True
        self.reason = f'{source.name}: {window.problem}'
        yield Answer(window.end, source.frame_id, '', ranked(None), self.reason)

    def _may_be_active(self, source: Source) -> bool:
        active = self.active_source
        if source is active:
            return True
        if source not in self.sources:
            return False
        if active is None or active not in self.sources:
            return True
        if self.sources.index(source) > self.sources.index(active):
            return False
        delivered = self._steady() - source.alive_since
        return not source.failed or delivered >= source.settings.return_delay

    def _activate(self, source: Source) -> None:
        if self.active_source is not None:
            self.active_source.reset()
            self.swaps += 1
        self.active_source = source
        self._grace_left = float('inf')
        source.decision.reset()

    def _unknown_if_silent(self) -> Iterator[Answer]:
        """Deactivate a source that fell silent; yield ``unknown`` once for each silence."""
        now = self._steady()
        for source in self.needed:
            if source.alive_since > float('-inf') and not source.alive(now):
                source.reset()
                source.failed = True
        reason = self._why_silent(now)
        if not reason:
            return
        self.reason = reason
        if self.active_source is not None:
            self.active_source.failed = True
            self.active_source.decision.reset()
            self.active_source = None
            self._silent_since = now
        if self._unknown_published:
            return
        self._unknown_published = True
        self._last_stamp = max(self._now, self._last_stamp + 1)
        yield Answer(self._last_stamp, '', '', ranked(None), reason)

    def _why_silent(self, now: float) -> str:
        active = self.active_source
        if active is not None:
            if self._grace_left < 0:
                return f'{_names(self.sources)}: no window yet, {active.name} was given up'
            if not active.alive(now):
                return f'{active.name}: no usable sample for {active.settings.stale_timeout:g} s'
            if active.overdue:
                return f'{active.name}: samples come, but with too many holes for a window'
            return ''
        if not self.sources:
            return ''
        alive = [source for source in self.sources if source.alive(now)]
        since = max(self._silent_since, min((s.alive_since for s in alive), default=0.0))
        timeout = max(source.settings.stale_timeout for source in self.sources)
        timeout += max((s.bundle.manifest.window.duration for s in alive), default=0.0)
        if now - since <= timeout:
            return ''
        if alive:
            return f'{_names(alive)}: samples come, but with too many holes for a window'
        return f'{_names(self.sources)}: no usable sample'


def _names(sources: Sequence[Source]) -> str:
    return ', '.join(source.name for source in sources)
