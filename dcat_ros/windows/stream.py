# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From the messages of one sensor to model inputs: the same live, in training and in replay."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from dcat_ros.modalities.base import Decoder, Modality, NANOSECONDS, native_rate, Samples
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class WindowSpec:
    """The window settings of a model.

    :param duration: length in s.
    :param rate: samples per second in a window, whatever the rate of the sensor.
    :param stride: s from the end of one window to the end of the next.
    :param max_gap: longest time in s between two samples of one window.
    :raises ValueError: if a value is not positive, or a window holds fewer than two samples.
    """

    duration: float
    rate: float
    stride: float
    max_gap: float

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f'window {name} is {value}, expected more than 0')
        if self.size < 2:
            raise ValueError(
                f'window of {self.duration} s at {self.rate} Hz holds fewer than two samples: '
                'raise duration or rate'
            )

    @property
    def size(self) -> int:
        """Return the number of samples in a window."""
        return round(self.duration * self.rate)

    @property
    def span(self) -> int:
        """Return the nanoseconds from the first sample of a window to the last."""
        return round((self.size - 1) * NANOSECONDS / self.rate)


class Window(NamedTuple):
    """One model input.

    ``start``, ``end``: ns, ``end`` being the stamp of the newest sample in the window.
    ``inputs``: float32, the modality's features without a batch axis. ``rate``: Hz, measured.
    ``first``: whether it is the first window of a segment. ``problem``: why the sensor is not what
    the model expects, empty if nothing is known to be wrong.
    """

    start: int
    end: int
    inputs: NDArray[np.float32]
    rate: float
    first: bool
    problem: str = ''


class Stream:
    """Cuts the samples of one sensor into windows by header stamp.

    The first window of a segment ends at the first sample that completes its duration, each
    further one at the first sample at or after the next stride. Late, repeated and non-finite
    samples are left out. A gap longer than ``max_gap`` and a clock that jumps back by more than
    ``CLOCK_JUMP`` each start a new segment. ``counts`` has how often each of these happened.

    :param modality: the sensor and its feature settings.
    :param spec: the window settings.
    :param decoder: the decoder of the stream, by default the modality's own.
    :ivar check: judges the samples, see :class:`dcat_ros.modalities.base.Check`.
    :ivar last_stamp: stamp in ns of the newest sample, None before the first.
    :ivar passed_over: whether the decoder took no sample from the last message.
    :ivar due: stamp in ns; the first sample at or after it completes a window. None until the
        segment has a sample.
    """

    CLOCK_JUMP = NANOSECONDS

    def __init__(self, modality: Modality, spec: WindowSpec, decoder: Decoder | None = None):
        self.modality = modality
        self.spec = spec
        self.counts: Counter[str] = Counter()
        self.last_stamp: int | None = None
        self.passed_over = False
        self.due: int | None = None
        self.check = modality.check()
        self.decoder = decoder or modality.decoder()
        self._buffer = SampleBuffer()
        self._stride = round(spec.stride * NANOSECONDS)
        self._max_gap = round(spec.max_gap * NANOSECONDS)
        self._tolerance = round(0.25 * NANOSECONDS / spec.rate)
        self._window_end: int | None = None

    @property
    def stride(self) -> float:
        """Return the seconds between windows; a new value counts from the last window on."""
        return self._stride / NANOSECONDS

    @stride.setter
    def stride(self, seconds: float) -> None:
        self._stride = round(seconds * NANOSECONDS)
        if self._window_end is not None:
            self.due = self._window_end + self._stride - self._tolerance

    @property
    def rate(self) -> float:
        """Return the sensor's rate in Hz over the buffered samples, 0.0 for fewer than two."""
        return native_rate(self._buffer.samples.stamps)

    def reset(self) -> None:
        """Forget all samples, and what they said about the sensor."""
        self._start_segment()
        self.check = self.modality.check()
        self.last_stamp = None

    def push(self, message: Any) -> list[Window]:
        """Add a message and return the windows that it completes, oldest first.

        :raises DecodeError: if the message cannot be decoded; the stream stays usable.
        """
        samples = self.decoder.decode(message)
        self.passed_over = samples is None
        if samples is None:
            return []
        samples = self._valid(samples)
        if len(samples.stamps):
            self.check.add(samples)
        runs = self._gapless_runs(samples)
        return [window for run in runs for window in self._windows(run)]

    def _valid(self, samples: Samples) -> Samples:
        """Return the samples that are finite and new; start a segment at a clock jump."""
        finite: NDArray[np.bool_] = np.isfinite(samples.values)
        if not finite.all():
            whole = np.all(finite.reshape(len(finite), -1), axis=1)
            self.counts['not finite'] += int(np.sum(~whole))
            samples = Samples(samples.stamps[whole], samples.values[whole])
        if not len(samples.stamps) or self.last_stamp is None:
            return samples
        first = int(samples.stamps[0])
        if first < self.last_stamp - self.CLOCK_JUMP:
            self.counts['clock jump'] += 1
            self._start_segment()
        elif first <= self.last_stamp:
            new = samples.stamps > self.last_stamp
            repeated = int((samples.stamps == self.last_stamp).sum())
            self.counts['repeated'] += repeated
            self.counts['late'] += int((~new).sum()) - repeated
            samples = Samples(samples.stamps[new], samples.values[new])
        return samples

    def _gapless_runs(self, samples: Samples) -> Iterator[Samples]:
        """Yield the samples between gaps; start a segment at each gap."""
        stamps, values = samples
        if not len(stamps):
            return
        before = self.last_stamp if len(self._buffer) else stamps[0]
        self.last_stamp = int(stamps[-1])
        gaps = np.flatnonzero(np.diff(stamps) > self._max_gap) + 1 if len(stamps) > 1 else ()
        for start, stop in pairwise([0, *gaps, len(stamps)]):
            if stamps[start] - before > self._max_gap:
                self.counts['gap'] += 1
                self._start_segment()
            yield Samples(stamps[start:stop], values[start:stop])
            before = stamps[stop - 1]

    def _start_segment(self) -> None:
        self._buffer.clear()
        self.due = self._window_end = None

    def _windows(self, samples: Samples) -> Iterator[Window]:
        self._buffer.append(samples)
        if self.due is None:
            self.due = int(samples.stamps[0]) + self.spec.span - self._tolerance
        while self.due is not None and self.due <= samples.stamps[-1]:
            end = int(samples.stamps[np.searchsorted(samples.stamps, self.due)])
            yield self._window(end)
            self._window_end = end
            self.due += self._stride * (1 + (end - self.due) // self._stride)
        self._buffer.discard_before(int(samples.stamps[-1]) - self.spec.span)

    def _window(self, end: int) -> Window:
        stamps, values = self._buffer.samples
        start = end - self.spec.span
        inside = slice(max(int(np.searchsorted(stamps, start)) - 1, 0),
                       int(np.searchsorted(stamps, end, side='right')))
        samples = Samples(stamps[inside], values[inside])
        resampled = self.modality.resample(samples, end, self.spec.rate, self.spec.size)
        return Window(
            start, end, self.modality.features(resampled), native_rate(samples.stamps),
            self._window_end is None, self.check.problem,
        )


class SampleBuffer:
    """The newest samples of a stream in contiguous arrays, which grow as needed."""

    def __init__(self) -> None:
        self._stamps: NDArray[np.int64] = np.empty(0, np.int64)
        self._values: NDArray[np.float32] = np.empty(0, np.float32)
        self.clear()

    def clear(self) -> None:
        """Discard all samples."""
        self._first = self._last = 0

    def __len__(self) -> int:
        return self._last - self._first

    @property
    def samples(self) -> Samples:
        """Return the buffered samples, oldest first; a view that the next append may overwrite."""
        buffered = slice(self._first, self._last)
        return Samples(self._stamps[buffered], self._values[buffered])

    def append(self, samples: Samples) -> None:
        """Add samples that are newer than all buffered ones."""
        count = len(samples.stamps)
        if self._last + count > len(self._stamps) or (
            not len(self) and self._values.shape[1:] != samples.values.shape[1:]
        ):
            self._reallocate(2 * (len(self) + count), samples.values.shape[1:])
        added = slice(self._last, self._last + count)
        self._stamps[added] = samples.stamps
        self._values[added] = samples.values
        self._last += count

    def discard_before(self, stamp: int) -> None:
        """Discard the samples older than ``stamp``, except the newest of them."""
        index = int(np.searchsorted(self._stamps[self._first:self._last], stamp))
        self._first += max(index - 1, 0)

    def _reallocate(self, capacity: int, shape: tuple[int, ...]) -> None:
        stamps, values = self.samples
        self._stamps = np.empty(capacity, np.int64)
        self._values = np.empty((capacity, *shape), np.float32)
        self._first, self._last = 0, len(stamps)
        if len(stamps):
            self._stamps[:len(stamps)], self._values[:len(stamps)] = stamps, values
