# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What `threshold` and `smoothing` of the inference node do to its answers on labelled clips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dcat_ros.bags.labels import Interval, interval_at
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.windows import IdentityDecoder, interval_of, SampleReader
from dcat_ros.bundles import Bundle
from dcat_ros.inference import Decision, UNKNOWN
from dcat_ros.modalities.base import NANOSECONDS
import numpy as np
from numpy.typing import NDArray


class Seen(NamedTuple):
    """One window of the inference node.

    ``first``: whether nothing before it belongs to it. ``end``: stamp of its last sample, ns.
    ``logits``: (classes,). ``within``: the clip that it lies in, None where there is none.
    """

    first: bool
    end: int
    logits: NDArray[np.float32]
    within: Interval | None


class Recording(NamedTuple):
    """The windows of a bag in order of time, and its labelled clips."""

    windows: list[Seen]
    clips: list[Interval]


class TradeOff(NamedTuple):
    """What a pair of settings is worth.

    ``unknown``: share of the windows of known activities. ``wrong``: share of all labelled windows
    that get a wrong name; for an activity that the model does not know every name is wrong.
    ``delay``, ``late``: s from the begin of a clip of a known activity to the last sample of the
    first window that is answered rightly, for half of the clips and for nine of ten; infinite
    where they never are. ``missed``: share of the clips that never are.
    """

    threshold: float
    smoothing: float
    unknown: float
    wrong: float
    delay: float
    late: float
    missed: float


def replay(bundle: Bundle, bag: Path) -> Recording:
    """Return what a bundle says of a bag's windows, cut as the live node cuts them.

    :raises BagError: if the bag cannot be read, lacks the sensor, or has no labels.
    """
    stream = bundle.stream(IdentityDecoder())
    with BagReader(bag) as reader:
        clips = reader.labels()
        if not clips:
            raise BagError(f'{bag} has no labels: add some with `dcat annotate`')
        windows = [
            Seen(
                window.first, window.end, bundle.run(window.inputs),
                interval_of(window, stream.spec, clips),
            )
            for samples, _ in SampleReader(reader, bundle.modality)
            for window in stream.push(samples)
        ]
    return Recording(windows, clips)


def answers(
    bundle: Bundle, recording: Recording, threshold: float, smoothing: float
) -> Iterator[str]:
    """Yield the answer to each window, as the inference node gives it with these settings."""
    manifest = bundle.manifest
    decision = Decision(manifest.classes, manifest.temperature, threshold, smoothing)
    for window in recording.windows:
        if window.first:
            decision.reset()
        yield decision.rank(window.logits)[0].label


def weigh(
    bundle: Bundle, recordings: Sequence[Recording], threshold: float, smoothing: float
) -> TradeOff:
    """Return what a pair of settings is worth on recordings.

    :raises ValueError: if they hold no window of an activity that the bundle knows.
    """
    classes = set(bundle.manifest.classes)
    known, wrong, delays = [], [], []
    for recording in recordings:
        said = list(answers(bundle, recording, threshold, smoothing))
        for window, answer in zip(recording.windows, said, strict=True):
            if window.within is not None:
                wrong.append(answer not in (UNKNOWN, window.within.label))
                if window.within.label in classes:
                    known.append(answer)
        delays += _delays(recording, said, classes)
    if not known:
        raise ValueError(
            f'no clip is of a class of {bundle.manifest.name} and as long as its window of '
            f'{bundle.manifest.window.duration:g} s; the classes are {", ".join(sorted(classes))}'
        )
    delay, late = np.quantile(delays, [0.5, 0.9], method='inverted_cdf')
    return TradeOff(
        threshold=threshold,
        smoothing=smoothing,
        unknown=known.count(UNKNOWN) / len(known),
        wrong=wrong.count(True) / len(wrong),
        delay=float(delay),
        late=float(late),
        missed=delays.count(np.inf) / len(delays),
    )


def best(
    options: Iterable[TradeOff], most_wrong: float, most_late: float
) -> TradeOff | None:
    """Return the option with least unknown, then least delay, within limits; None for none.

    :param most_wrong: largest share of wrong names, 0 to 1.
    :param most_late: largest delay for nine of ten clips, s.
    """
    allowed = [each for each in options if each.wrong <= most_wrong and each.late <= most_late]
    return min(allowed, key=lambda option: (option.unknown, option.late), default=None)


def _delays(recording: Recording, said: Sequence[str], classes: set[str]) -> list[float]:
    """Return for each clip of a known activity the s until it was answered rightly."""
    delays = {clip: np.inf for clip in recording.clips if clip.label in classes}
    for window, answer in zip(recording.windows, said, strict=True):
        clip = interval_at(recording.clips, window.end, window.end)
        if clip in delays and answer == clip.label:
            delays[clip] = min(delays[clip], (window.end - clip.start) / NANOSECONDS)
    return list(delays.values())
