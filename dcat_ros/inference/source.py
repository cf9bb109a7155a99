# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One sensor with its model: serialised messages wait here and become windows."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from dcat_ros.bundles import Bundle
from dcat_ros.inference.decision import Decision, Hypothesis
from dcat_ros.inference.settings import Settings
from dcat_ros.modalities import DecodeError, Decoder
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.modalities.cdr import header_stamp
from dcat_ros.windows import Window

NO_USABLE_SAMPLE = (
    'messages come, but without a new finite sample: check the sensor for values that are not '
    'finite, and the topic for a second publisher'
)


class Waiting(NamedTuple):
    """A serialised message, how to deserialise it, and whether it begins with a header."""

    raw: bytes
    read: Callable[[bytes], Any]
    stamped: bool


class Source:
    """A bundle and the stream of the sensor that feeds it.

    ``offer`` may be called from any thread, everything else from one thread at a time.

    :param bundle: the model.
    :param settings: see :class:`Settings`.
    :param steady: s on a clock that never jumps.
    :param decoder: the stream's decoder, by default the modality's own.

    ``error`` is what was wrong with the last message that was left out, ``obstacle`` the same as
    long as no usable sample has come since.
    """

    BACKLOG = 1000

    def __init__(
        self,
        bundle: Bundle,
        settings: Settings,
        steady: Callable[[], float],
        decoder: Decoder | None = None,
    ) -> None:
        self.bundle = bundle
        self.name = bundle.manifest.modality
        self.counts: Counter[str] = Counter()
        self.error = self.obstacle = ''
        self.stamp_age = 0.0
        self.failed = False
        self.last_sample = self.alive_since = float('-inf')
        self._last_end: int | None = None
        self._steady = steady
        self._stream = bundle.stream(decoder)
        manifest = bundle.manifest
        self.decision = Decision(
            manifest.classes, manifest.temperature, manifest.threshold, settings.smoothing
        )
        backlog = 1 if bundle.modality.latest_only else self.BACKLOG
        self._pending: deque[Waiting] = deque(maxlen=backlog)
        self._frame_id = ''
        self._reach = 0  # ns from a message's stamp to its last sample
        self.adopt(settings)

    def adopt(self, settings: Settings) -> None:
        """Let new settings hold from the next window on."""
        manifest = self.bundle.manifest
        self.settings = settings
        self._stream.stride = settings.stride or manifest.window.stride
        own = settings.threshold < 0
        self.decision.threshold = manifest.threshold if own else settings.threshold
        self.decision.smoothing = settings.smoothing

    @property
    def drops(self) -> Counter[str]:
        """How many messages or samples were left out, by cause."""
        return self.counts + self._stream.counts

    @property
    def rate(self) -> float:
        """Return the sensor's rate in Hz, by its stamps."""
        return self._stream.rate

    @property
    def last_stamp(self) -> int | None:
        """Return the stamp in ns of the newest sample taken, None before there is one."""
        return self._stream.last_stamp

    @property
    def frame_id(self) -> str:
        """Return the frame of the newest message."""
        return self._frame_id

    @property
    def stride(self) -> float:
        """Seconds between this source's windows."""
        return self._stream.stride

    def alive(self, now: float) -> bool:
        """Tell whether a usable sample came within the stale timeout (``now`` in steady s)."""
        return now - self.last_sample <= self.settings.stale_timeout

    @property
    def overdue(self) -> bool:
        """Whether samples come, by their stamps, but have made no window for too long."""
        if self._last_end is None or self.last_stamp is None:
            return False
        patience = self.stride + self.settings.stale_timeout
        return self.last_stamp - self._last_end > patience * NANOSECONDS

    def offer(self, waiting: Waiting) -> bool:
        """Leave a message to be taken; where the backlog is full the oldest makes way.

        :return: whether it should be taken at once, since it may complete a window. To take the
            others many at a time costs less, and delays nothing.
        """
        if len(self._pending) == self._pending.maxlen:
            self.counts['superseded'] += 1
        self._pending.append(waiting)
        return self._may_complete(waiting)

    def take(self, now: int) -> Iterator[Window]:
        """Yield the windows that the waiting messages complete.

        :param now: the ROS time in ns that stamps are compared with.
        """
        while self._pending:
            waiting = self._pending.popleft()
            try:
                if waiting.stamped and not self._current(waiting.raw, now):
                    continue
                message = waiting.read(waiting.raw)
                newest = self.last_stamp
                windows = self._stream.push(message)
            except DecodeError as error:
                self.counts[error.cause] += 1
                self._complain(str(error))
                continue
            if not waiting.stamped:
                continue
            if self.last_stamp is None or self.last_stamp == newest:
                self._complain(NO_USABLE_SAMPLE)
                continue
            self._mark_alive()
            self._reach = max(0, self.last_stamp - header_stamp(waiting.raw))
            self._frame_id = message.header.frame_id
            for window in windows:
                if window.first:
                    self.decision.forget()
                self._last_end = window.end
                yield window

    def answer(self, window: Window) -> list[Hypothesis]:
        """Return the ranked hypotheses for a window."""
        return self.decision.rank(self.bundle.run(window.inputs))

    def reset(self) -> None:
        """Forget what was received, as after a silence."""
        self._pending.clear()
        self._stream.reset()
        self.decision.forget()
        self.alive_since = float('-inf')
        self._last_end = None

    def _may_complete(self, waiting: Waiting) -> bool:
        due = self._stream.due
        if due is None or not waiting.stamped or self._pending.maxlen == 1:
            return True
        try:
            return header_stamp(waiting.raw) + self._reach >= due
        except DecodeError:
            return True

    def _mark_alive(self) -> None:
        now = self._steady()
        if not self.alive(now) or self.alive_since == float('-inf'):
            self.alive_since = now
        self.last_sample = now
        self.obstacle = ''

    def _complain(self, text: str) -> None:
        self.error = self.obstacle = text

    def _current(self, raw: bytes, now: int) -> bool:
        """Tell whether a message's stamp is near enough to the node's time to be used."""
        self.stamp_age = (now - header_stamp(raw)) / NANOSECONDS
        if abs(self.stamp_age) <= self.settings.stale_timeout:
            return True
        if now and not header_stamp(raw):
            self.counts['unstamped'] += 1
            self._complain('stamps are 0: let the driver stamp its messages')
            return False
        self.counts['stale' if self.stamp_age > 0 else 'future'] += 1
        if now == 0:
            self._complain('use_sim_time is set, but nobody sends /clock: play with --clock')
            return False
        where = 'behind' if self.stamp_age > 0 else 'ahead of'
        self._complain(
            f"stamps are {abs(self.stamp_age):.1f} s {where} this node's clock: synchronise the "
            'clocks (chrony), or set use_sim_time when a bag is played with --clock'
        )
        return False
