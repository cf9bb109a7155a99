# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognises a microphone that is muted, overdriven, or at another rate than announced."""

from collections import deque

from dcat_ros.modalities.base import ImplausibleError, NANOSECONDS
import numpy as np
from numpy.typing import NDArray

SILENCE = 3e-5
"""Level below one step of 16 bits, which no live microphone stays below."""
MUTED_AFTER = 6.0
"""s; longer than the padding of recorded clips."""
FULL_SCALE = 0.999
CLIPPED_SHARE = 0.1
"""Share of samples at full scale over `CLIPPED_AFTER` s; a clap has that for an instant."""
CLIPPED_AFTER = 2.0
RATE_AFTER = 4 * NANOSECONDS
FEWEST = 20
"""Messages that the rate is judged by."""
TOLERANCE = 0.1
"""Deviation of the rate that is due to something else than jitter or drift."""


class SoundQuality:
    """Judges the messages of one stream by what they hold and by their stamps."""

    def __init__(self) -> None:
        self._silent = 0.0
        self._loud: deque[tuple[float, float]] = deque()
        self._counts: deque[tuple[int, int]] = deque()

    def check(self, values: NDArray[np.float32], rate: int, stamp: int) -> None:
        """Judge the samples (n,), -1 to 1, of a message with its stamp in ns.

        :param rate: Hz, as announced.
        :raises ImplausibleError: if the microphone is muted or overdriven, or has another rate.
        """
        length = len(values) / rate
        size = np.abs(values)
        self._silent = 0.0 if size.max(initial=0.0) > SILENCE else self._silent + length
        self._loud.append((length, float((size >= FULL_SCALE).mean())))
        while sum(part for part, _ in self._loud) - self._loud[0][0] > CLIPPED_AFTER:
            self._loud.popleft()
        self._counts.append((stamp, len(values)))
        if len(self._counts) > 1 and self._counts[-2][0] >= stamp:
            self._counts.clear()
        while self._counts and stamp - self._counts[0][0] > RATE_AFTER:
            self._counts.popleft()
        if self._silent > MUTED_AFTER:
            raise ImplausibleError('all samples are 0: unmute the microphone', 'muted')
        heard = sum(part for part, _ in self._loud)
        clipped = sum(part * share for part, share in self._loud)
        if heard > 0.75 * CLIPPED_AFTER and clipped > CLIPPED_SHARE * heard:
            raise ImplausibleError(
                f'{100 * clipped / heard:.0f} % of the samples are at full scale: lower the gain '
                'of the microphone', 'clipped'
            )
        self._check_rate(rate)

    def _check_rate(self, rate: int) -> None:
        counts = self._counts
        if len(counts) < FEWEST or counts[-1][0] - counts[0][0] < RATE_AFTER // 2:
            return
        stamps, samples = np.array(counts).T
        steps = np.diff(stamps) / NANOSECONDS
        mean = samples[:-1].sum() / steps.sum()
        median = float(np.median(samples[:-1] / steps))
        # A lost message lowers the mean, and a burst raises the median: both must agree.
        if abs(mean / rate - 1) > TOLERANCE and abs(mean / median - 1) < TOLERANCE / 2:
            raise ImplausibleError(
                f'{rate} Hz are announced, but {mean:.0f} samples/s arrive by their stamps: '
                "correct the driver's sample rate, or audio.sample_rate", 'other rate'
            )
