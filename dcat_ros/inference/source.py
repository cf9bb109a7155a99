# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One sensor with its model: queues serialised messages and turns them into windows."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from dcat_ros.bundles import Bundle
from dcat_ros.inference.decision import Decision, Hypothesis, ranked, Vote
from dcat_ros.inference.mounting import MountingCheck
from dcat_ros.modalities import DecodeError, Decoder
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.modalities.cdr import header_stamp
from dcat_ros.sensors import Sensor
from dcat_ros.windows import Window

NO_USABLE_SAMPLE = (
    'messages come, but without a new finite sample: check the sensor for values that are not '
    'finite, and the topic for a second publisher'
)


@dataclass(frozen=True)
class SourceSettings:
    """Settings of a source that may change while it runs.

    :param stride: s between answers, 0 for the bundle's own stride.
    :param threshold: score below which the answer is unknown, negative for the bundle's own.
    :param smoothing: weight of past windows, 0 (none) to below 1.
    :param stale_timeout: s after which a sample is too old, and a silent sensor no longer alive.
    :param return_delay: s for which a sensor that failed must deliver before it is used again.
    """

    stride: float
    threshold: float
    smoothing: float
    stale_timeout: float
    return_delay: float

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> 'SourceSettings':
        """Return the settings among the inference node's parameters, by their names."""
        return cls(**{field.name: values[field.name] for field in fields(cls)})


class SerializedMessage(NamedTuple):
    """A received message and the function that deserialises it.

    A message without a header only describes the stream, as AudioInfo does.
    """

    raw: bytes
    deserialize: Callable[[bytes], Any]
    has_header: bool


class Source:
    """A bundle and the stream of its sensor.

    ``enqueue`` may be called from any thread, everything else from one thread at a time.

    ``stream`` turns messages into windows. ``last_error`` says why the last message that was
    dropped was dropped, ``problem`` the same until a usable sample arrives. ``mounting`` judges
    how the sensor is mounted. ``vote`` is what the model said of the newest window, if anything.

    :param bundle: the model.
    :param settings: see :class:`SourceSettings`.
    :param steady: returns s on a clock that never jumps.
    :param decoder: the stream's decoder, by default the modality's own.
    :param sensor: by default the default sensor of the modality.
    """

    QUEUE_SIZE = 1000

    def __init__(
        self,
        bundle: Bundle,
        settings: SourceSettings,
        steady: Callable[[], float],
        decoder: Decoder | None = None,
        sensor: Sensor | None = None,
    ) -> None:
        manifest = bundle.manifest
        self.bundle = bundle
        self.sensor = sensor or Sensor(bundle.modality.name)
        self.name = self.sensor.name
        self.counts: Counter[str] = Counter()
        self.last_error = self.problem = ''
        self.stamp_age = 0.0
        self.failed = False
        self.last_sample = self.alive_since = float('-inf')
        self.frame_id = ''
        self.vote: Vote | None = None
        self.decision = Decision(
            manifest.classes, manifest.temperature, manifest.threshold, settings.smoothing,
            manifest.scores['macro_f1'],
        )
        self.mounting = MountingCheck(bundle)
        self._last_window_end: int | None = None
        self._steady = steady
        self.stream = bundle.stream(decoder)
        queue_size = 1 if bundle.modality.latest_only else self.QUEUE_SIZE
        self._queue: deque[SerializedMessage] = deque(maxlen=queue_size)
        self._message_span = 0  # ns from a message's stamp to its last sample
        self.apply(settings)

    def apply(self, settings: SourceSettings) -> None:
        """Use new settings from the next window on."""
        manifest = self.bundle.manifest
        self.settings = settings
        self.stream.stride = settings.stride or manifest.window.stride
        use_own = settings.threshold < 0
        self.decision.threshold = manifest.threshold if use_own else settings.threshold
        self.decision.smoothing = settings.smoothing

    @property
    def drops(self) -> Counter[str]:
        """Return how many messages or samples were dropped, by cause."""
        return self.counts + self.stream.counts

    def alive(self, now: float) -> bool:
        """Tell whether a usable sample arrived within the stale timeout (``now`` in steady s)."""
        return now - self.last_sample <= self.settings.stale_timeout

    @property
    def overdue(self) -> bool:
        """Tell whether samples arrive, by their stamps, but no window was complete for long."""
        if self._last_window_end is None or self.stream.last_stamp is None:
            return False
        longest = self.stream.stride + self.settings.stale_timeout
        return self.stream.last_stamp - self._last_window_end > longest * NANOSECONDS

    def enqueue(self, message: SerializedMessage) -> bool:
        """Queue a message; if the queue is full, the oldest message is dropped.

        :return: whether the message should be processed at once, since it may complete a window.
            To process the others in batches costs less and delays no answer.
        """
        if len(self._queue) == self._queue.maxlen:
            self.counts['superseded'] += 1
        self._queue.append(message)
        return self._may_complete_window(message)

    def process(self, now: int) -> Iterator[Window]:
        """Yield the windows that the queued messages complete.

        :param now: the ROS time in ns that stamps are compared with.
        """
        while self._queue:
            serialized = self._queue.popleft()
            try:
                if serialized.has_header and not self._is_recent(serialized.raw, now):
                    continue
                message = serialized.deserialize(serialized.raw)
                previous_stamp = self.stream.last_stamp
                windows = self.stream.push(message)
            except DecodeError as error:
                self.counts[error.cause] += 1
                self._set_problem(str(error))
                continue
            if not serialized.has_header:
                continue
            if self.stream.passed_over:
                self._mark_alive()
                continue
            if self.stream.last_stamp is None or self.stream.last_stamp == previous_stamp:
                self._set_problem(NO_USABLE_SAMPLE)
                continue
            self._mark_alive()
            self._message_span = max(0, self.stream.last_stamp - header_stamp(serialized.raw))
            self.frame_id = message.header.frame_id
            for window in windows:
                if window.first:
                    self.decision.reset()
                self._last_window_end = window.end
                if window.problem:
                    yield window._replace(problem=self.sensor.own(window.problem))
                else:
                    yield window

    def judge(self, window: Window) -> Vote | None:
        """Return what the model says of a window; ``vote`` keeps it until the next window.

        None if the mounting is wrong, or a logit is not finite.
        """
        vote = self.decision.vote(self.bundle.run(window.inputs), window.end)
        threshold = self.decision.threshold
        named = vote is not None and bool(vote.scores.max() >= threshold)
        self.mounting.add(window.inputs, named, threshold)
        self.vote = None if self.mounting.problem else vote
        return self.vote

    def classify(self, window: Window) -> list[Hypothesis]:
        """Return the ranked hypotheses for a window; ``unknown`` if the mounting is wrong."""
        return ranked(self.judge(window))

    def reset(self) -> None:
        """Discard all received data, as after a silence."""
        self._queue.clear()
        self.stream.reset()
        self.decision.reset()
        self.vote = None
        self.alive_since = float('-inf')
        self._last_window_end = None

    def _may_complete_window(self, message: SerializedMessage) -> bool:
        due = self.stream.due
        if due is None or not message.has_header or self._queue.maxlen == 1:
            return True
        try:
            return header_stamp(message.raw) + self._message_span >= due
        except DecodeError:
            return True

    def _mark_alive(self) -> None:
        now = self._steady()
        if not self.alive(now) or self.alive_since == float('-inf'):
            self.alive_since = now
        self.last_sample = now
        self.problem = ''

    def _set_problem(self, text: str) -> None:
        self.last_error = self.problem = self.sensor.own(text)

    def _is_recent(self, raw: bytes, now: int) -> bool:
        """Tell whether a message's stamp is close enough to ROS time to be used."""
        self.stamp_age = (now - header_stamp(raw)) / NANOSECONDS
        if abs(self.stamp_age) <= self.settings.stale_timeout:
            return True
        if now and not header_stamp(raw):
            self.counts['unstamped'] += 1
            self._set_problem('stamps are 0: let the driver stamp its messages')
            return False
        self.counts['stale' if self.stamp_age > 0 else 'future'] += 1
        if now == 0:
            self._set_problem('use_sim_time is set, but nobody sends /clock: play with --clock')
            return False
        where = 'behind' if self.stamp_age > 0 else 'ahead of'
        self._set_problem(
            f"stamps are {abs(self.stamp_age):.1f} s {where} this node's clock: synchronise the "
            'clocks (chrony), or set use_sim_time when a bag is played with --clock'
        )
        return False
