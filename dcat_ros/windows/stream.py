# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Messages of one sensor in, model inputs out: live, in training and in replay alike."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from dcat_ros.modalities.base import Decoder, Modality, NANOSECONDS, native_rate, Samples
from dcat_ros.windows.buffer import SampleBuffer
from dcat_ros.windows.spec import WindowSpec
import numpy as np
from numpy.typing import NDArray


class Window(NamedTuple):
    """One model input.

    ``start``, ``end``: ns, ``end`` being the stamp of the last sample received in it.
    ``inputs``: float32, the modality's features without a batch axis. ``rate``: Hz, measured.
    ``first``: whether the segment starts with it, so that nothing before it belongs to it.
    """

    start: int
    end: int
    inputs: NDArray[np.float32]
    rate: float
    first: bool


class Stream:
    """Cuts one sensor's samples into windows by header stamp.

    The first window of a segment ends at the first sample that completes its duration, each
    further one at the first sample at or after the next stride. Samples that are late, repeated
    or not finite are left out; a hole longer than ``max_gap`` or a clock that jumps back by more
    than ``CLOCK_JUMP`` starts a new segment. ``counts`` tells how often each happened.

    :param modality: the sensor and its feature settings.
    :param spec: the shape of the windows.
    :param decoder: the stream's decoder, by default the modality's own.
    """

    CLOCK_JUMP = NANOSECONDS

    def __init__(self, modality: Modality, spec: WindowSpec, decoder: Decoder | None = None):
        self.modality = modality
        self.spec = spec
        self.counts: Counter[str] = Counter()
        self._decoder = decoder or modality.decoder()
        self._buffer = SampleBuffer()
        self._stride = round(spec.stride * NANOSECONDS)
        self._max_gap = round(spec.max_gap * NANOSECONDS)
        self._tolerance = round(0.25 * NANOSECONDS / spec.rate)
        self._last: int | None = None
        self._due: int | None = None
        self._window_end: int | None = None

    @property
    def stride(self) -> float:
        """Seconds from window to window; a new value holds from the last window on."""
        return self._stride / NANOSECONDS

    @stride.setter
    def stride(self, seconds: float) -> None:
        self._stride = round(seconds * NANOSECONDS)
        if self._window_end is not None:
            self._due = self._window_end + self._stride - self._tolerance

    @property
    def rate(self) -> float:
        """Return the sensor's rate in Hz over the samples held, 0.0 before two have come."""
        return native_rate(self._buffer.samples.stamps)

    @property
    def last_stamp(self) -> int | None:
        """Return the stamp in ns of the newest sample, None before there is one."""
        return self._last

    @property
    def due(self) -> int | None:
        """Return the stamp in ns from which on a sample completes a window, None while open."""
        return self._due

    def reset(self) -> None:
        """Forget all samples, as if the sensor were new."""
        self._start_segment()
        self._last = None

    def push(self, message: Any) -> list[Window]:
        """Take a message and return the windows that it completes, oldest first.

        :raises DecodeError: if no sample can be had from the message; the stream stays usable.
        """
        samples = self._decoder.decode(message)
        if samples is None:
            return []
        return [w for run in self._runs(self._accept(samples)) for w in self._windows(run)]

    def _accept(self, samples: Samples) -> Samples:
        """Return the samples that are finite and new, having noticed a clock jump."""
        finite: NDArray[np.bool_] = np.isfinite(samples.values)
        if not finite.all():
            whole = np.all(finite.reshape(len(finite), -1), axis=1)
            self.counts['not finite'] += int(np.sum(~whole))
            samples = Samples(samples.stamps[whole], samples.values[whole])
        if not len(samples.stamps):
            return samples
        if self._last is not None:
            first = int(samples.stamps[0])
            if first < self._last - self.CLOCK_JUMP:
                self.counts['clock jump'] += 1
                self._start_segment()
            elif first <= self._last:
                new = samples.stamps > self._last
                repeated = int((samples.stamps == self._last).sum())
                self.counts['repeated'] += repeated
                self.counts['late'] += int((~new).sum()) - repeated
                samples = Samples(samples.stamps[new], samples.values[new])
        return samples

    def _runs(self, samples: Samples) -> Iterator[Samples]:
        """Yield the stretches between holes, having started a new segment at each hole."""
        stamps, values = samples
        if not len(stamps):
            return
        before = self._last if len(self._buffer) else stamps[0]
        self._last = int(stamps[-1])
        holes = np.flatnonzero(np.diff(stamps) > self._max_gap) + 1 if len(stamps) > 1 else ()
        for start, stop in pairwise([0, *holes, len(stamps)]):
            if stamps[start] - before > self._max_gap:
                self.counts['gap'] += 1
                self._start_segment()
            yield Samples(stamps[start:stop], values[start:stop])
            before = stamps[stop - 1]

    def _start_segment(self) -> None:
        self._buffer.clear()
        self._due = self._window_end = None

    def _windows(self, samples: Samples) -> Iterator[Window]:
        self._buffer.append(samples)
        if self._due is None:
            self._due = int(samples.stamps[0]) + self.spec.span - self._tolerance
        while self._due is not None and self._due <= samples.stamps[-1]:
            end = int(samples.stamps[np.searchsorted(samples.stamps, self._due)])
            yield self._cut(end)
            self._window_end = end
            self._due += self._stride * (1 + (end - self._due) // self._stride)
        self._buffer.forget_before(int(samples.stamps[-1]) - self.spec.span)

    def _cut(self, end: int) -> Window:
        held = self._buffer.samples
        upto = int(np.searchsorted(held.stamps, end, side='right'))
        start = end - self.spec.span
        since = max(int(np.searchsorted(held.stamps, start)) - 1, 0)
        inside = Samples(held.stamps[since:upto], held.values[since:upto])
        values = self.modality.resample(inside, end, self.spec.rate, self.spec.size)
        return Window(
            start, end, self.modality.features(values), native_rate(inside.stamps),
            self._window_end is None,
        )
