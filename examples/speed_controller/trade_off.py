# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How `threshold` and `smoothing` change the inference node's answers on labelled clips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from dcat_ros.bags.labels import Interval, interval_at
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.windows import IdentityDecoder, interval_of, SampleReader
from dcat_ros.bundles import Bundle
from dcat_ros.inference import Decision, ranked, UNKNOWN
from dcat_ros.modalities.base import NANOSECONDS
import numpy as np
from numpy.typing import NDArray


class ClassifiedWindow(NamedTuple):
    """One window of the inference node.

    ``first``: whether it is the first of a segment. ``end``: stamp of its last sample, ns.
    ``logits``: (classes,). ``clip``: the clip that it lies in, if any.
    """

    first: bool
    end: int
    logits: NDArray[np.float32]
    clip: Interval | None


class Recording(NamedTuple):
    """The windows of a bag in order of time, and its labelled clips."""

    windows: list[ClassifiedWindow]
    clips: list[Interval]


class TradeOff(NamedTuple):
    """The scores of a pair of settings.

    ``unknown``: share of unknown windows among those of known activities. ``wrong``: share of
    wrong classes among all labelled windows; for an activity that the model does not know, every
    class is wrong. ``delay``, ``late``: median and 90 % quantile of the s from the start of a clip
    of a known activity to the last sample of the first correct window; infinite if there is none.
    ``missed``: share of these clips without a correct window.
    """

    threshold: float
    smoothing: float
    unknown: float
    wrong: float
    delay: float
    late: float
    missed: float


def classify_bag(bundle: Bundle, bag: Path) -> Recording:
    """Return a bag's windows, as the inference node forms them, with a bundle's logits.

    :raises BagError: if the bag cannot be read, lacks the sensor, or has no labels.
    """
    stream = bundle.stream(IdentityDecoder())
    with BagReader(bag) as reader:
        clips = reader.labels()
        if not clips:
            raise BagError(f'{bag} has no labels: add some with `dcat annotate`')
        windows = [
            ClassifiedWindow(
                window.first, window.end, bundle.run(window.inputs),
                interval_of(window, stream.spec, clips),
            )
            for samples, _ in SampleReader(reader, bundle.modality)
            for window in stream.push(samples)
        ]
    return Recording(windows, clips)


def labels(
    bundle: Bundle, recording: Recording, threshold: float, smoothing: float
) -> Iterator[str]:
    """Yield the label of each window that the inference node gives with these settings."""
    manifest = bundle.manifest
    decision = Decision(manifest.classes, manifest.temperature, threshold, smoothing)
    for window in recording.windows:
        if window.first:
            decision.reset()
        yield ranked(decision.vote(window.logits))[0].label


def evaluate(
    bundle: Bundle, recordings: Sequence[Recording], threshold: float, smoothing: float
) -> TradeOff:
    """Return the scores of a pair of settings on recordings.

    :raises ValueError: if they hold no window of an activity that the bundle knows.
    """
    classes = set(bundle.manifest.classes)
    known, wrong, delays = [], [], []
    for recording in recordings:
        predicted = list(labels(bundle, recording, threshold, smoothing))
        for window, label in zip(recording.windows, predicted, strict=True):
            if window.clip is not None:
                wrong.append(label not in (UNKNOWN, window.clip.label))
                if window.clip.label in classes:
                    known.append(label)
        delays += _delays(recording, predicted, classes)
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
    """Return the option with the least unknown, then the least delay, within limits, if any.

    :param most_wrong: largest share of wrong names, 0 to 1.
    :param most_late: largest delay for nine of ten clips, s.
    """
    allowed = [
        option for option in options if option.wrong <= most_wrong and option.late <= most_late
    ]
    return min(allowed, key=lambda option: (option.unknown, option.late), default=None)


def _delays(recording: Recording, predicted: Sequence[str], classes: set[str]) -> list[float]:
    """Return for each clip of a known activity the s until the first correct window."""
    delays = {clip: np.inf for clip in recording.clips if clip.label in classes}
    for window, label in zip(recording.windows, predicted, strict=True):
        clip = interval_at(recording.clips, window.end, window.end)
        if clip in delays and label == clip.label:
            delays[clip] = min(delays[clip], (window.end - clip.start) / NANOSECONDS)
    return list(delays.values())
