"""Labelled clips and their windows: dense ones to train on, live ones to evaluate on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dcat_ros.bags.samples import Decoded
from dcat_ros.bags.windows import interval_of
from dcat_ros.modalities import Modality, Samples, create
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.training import recording
from dcat_ros.training.config import Config, Sampling
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.recording import Recording
from dcat_ros.windows import Stream, Window, WindowSpec


class Clip(NamedTuple):
    """One labelled interval of a bag."""

    label: str
    subject: str


@dataclass
class Windows:
    """Model inputs, each with the number of its clip; lengths may differ among training ones."""

    inputs: list[NDArray] = field(default_factory=list)
    clips: list[int] = field(default_factory=list)

    def add(self, inputs: NDArray, clip: int) -> None:
        """Add one window."""
        self.inputs.append(inputs)
        self.clips.append(clip)

    def of(self, chosen: Iterable[int]) -> Windows:
        """Return the windows of the chosen clips."""
        wanted = set(chosen)
        pairs = [pair for pair in zip(self.inputs, self.clips, strict=True) if pair[1] in wanted]
        return Windows([window for window, _ in pairs], [clip for _, clip in pairs])


@dataclass
class Dataset:
    """All labelled clips of some bags.

    :param classes: labels in the order of the model's output.
    :param clips: the labelled intervals of those classes.
    :param dense: float16 windows to train on.
    :param live: float32 windows exactly as the inference node cuts them.
    :param refused: number of messages that could not be decoded.
    """

    classes: list[str]
    clips: list[Clip]
    dense: Windows
    live: Windows
    refused: int = 0

    @property
    def targets(self) -> NDArray[np.int64]:
        """The number of each clip's class."""
        return np.array([self.classes.index(clip.label) for clip in self.clips])

    @property
    def subjects(self) -> list[str]:
        """The subjects, sorted, numbers by value."""
        found = {clip.subject for clip in self.clips}
        return sorted(found, key=lambda name: (len(name) if name.isdigit() else 99, name))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one model input."""
        return self.live.inputs[0].shape

    def clips_of(self, subjects: Iterable[str]) -> list[int]:
        """Return the numbers of the subjects' clips.

        :raises TrainingError: if a subject has none, or not every class occurs among them.
        """
        wanted = list(subjects)
        for subject in wanted:
            if subject not in self.subjects:
                raise TrainingError(
                    f'subject "{subject}" has no clip in the bags; there are '
                    f'{", ".join(self.subjects)}'
                )
        chosen = [i for i, clip in enumerate(self.clips) if clip.subject in wanted]
        lacking = set(self.classes) - {self.clips[i].label for i in chosen}
        if lacking:
            raise TrainingError(
                f'class "{min(lacking)}" has no clip of subject {", ".join(wanted)}: record it, '
                'or list the classes to learn under classes'
            )
        return chosen


def load(
    bags: Sequence[Path], config: Config, advance: Callable[[], None] = lambda: None
) -> Dataset:
    """Read bags and cut all their windows.

    :param advance: called after each bag.
    :raises TrainingError: if a bag cannot be used, there are fewer than two classes, or no clip
        is as long as a window.
    """
    try:
        modality = create(config.modality, config.features)
    except (TypeError, ValueError) as error:
        raise TrainingError(str(error)) from error
    clips: list[Clip] = []
    dense, live = Windows(), Windows()
    refused = 0
    for bag in bags:
        record = recording.read(bag, modality)
        numbers = _number(record, config.classes, clips)
        for window, clip in _live_windows(record, modality, config.window, numbers):
            live.add(window.inputs, clip)
        for inputs, clip in _dense_windows(
            record, modality, config.window, config.sampling, numbers
        ):
            dense.add(inputs, clip)
        refused += record.refused
        advance()
    classes = config.classes or sorted({clip.label for clip in clips})
    for label in classes:
        if label not in {clip.label for clip in clips}:
            raise TrainingError(f'class "{label}" has no clip in the bags')
    if len(classes) < 2:
        raise TrainingError(f'the bags hold one class only, {classes}: record another activity')
    if not dense.inputs or not live.inputs:
        raise TrainingError(
            f'no labelled clip is as long as a window of {config.window.duration} s: lower '
            'window.duration, or record longer clips'
        )
    return Dataset(classes, clips, dense, live, refused)


def _number(record: Recording, classes: list[str], clips: list[Clip]) -> dict[int, int]:
    """Add the recording's clips; return the number of the clip of each interval's start."""
    numbers = {}
    for interval in record.intervals:
        if not classes or interval.label in classes:
            numbers[interval.start] = len(clips)
            clips.append(Clip(interval.label, interval.group))
    return numbers


def _live_windows(
    record: Recording, modality: Modality, spec: WindowSpec, numbers: dict[int, int]
) -> Iterator[tuple[Window, int]]:
    """Yield the windows that a live stream of the bag gives, where they lie within a clip."""
    stream = Stream(modality, spec, Decoded())
    for part in record.parts:
        for window in stream.push(part):
            interval = interval_of(window, spec, record.intervals)
            if interval is not None and interval.start in numbers:
                yield window, numbers[interval.start]


def _dense_windows(
    record: Recording,
    modality: Modality,
    spec: WindowSpec,
    sampling: Sampling,
    numbers: dict[int, int],
) -> Iterator[tuple[NDArray[np.float16], int]]:
    """Yield the windows cut from each clip as if it were alone, in half precision."""
    stamps = np.array([part.stamps[0] for part in record.parts])
    for interval in record.intervals:
        if interval.start not in numbers:
            continue
        first, last = np.searchsorted(stamps, [interval.start, interval.end])
        parts = record.parts[first:last]
        if not parts:
            continue
        held = (parts[-1].stamps[-1] - parts[0].stamps[0]) / NANOSECONDS
        fits = int(held * spec.rate + 0.5) + 1
        longest = min(spec.size + round(sampling.context * spec.rate), fits)
        for size in sorted({max(longest, spec.size), spec.size}, reverse=True):
            longer = replace(spec, duration=size / spec.rate, stride=sampling.dense_stride)
            windows = list(_cut(parts, modality, longer))
            for window in windows:
                yield window.inputs.astype(np.float16), numbers[interval.start]
            if windows:
                break


def _cut(parts: Iterable[Samples], modality: Modality, spec: WindowSpec) -> Iterator[Window]:
    stream = Stream(modality, spec, Decoded())
    for part in parts:
        yield from stream.push(part)


def without_window(windows: Windows, chosen: Sequence[int]) -> int:
    """Return how many of the chosen clips have no window."""
    held = Counter(windows.clips)
    return sum(not held[clip] for clip in chosen)
