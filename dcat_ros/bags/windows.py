# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The samples and windows of one sensor in a bag, cut as the live node cuts them, with labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from dcat_ros.bags.labels import Interval, interval_at
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.modalities import DecodeError, Modality, Samples
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.windows import Stream, Window, WindowSpec
import numpy as np
from numpy.typing import NDArray


class InputSpec(NamedTuple):
    """What a model's input is made of: the sensor with its features, and the window's shape.

    ``given`` is the format of the streams, see ``dcat_ros.modalities.FORMATS``.
    """

    modality: Modality
    window: WindowSpec
    given: Any = None


class BagWindow(NamedTuple):
    """One model input.

    ``start``, ``end``: header stamps in ns, as of :class:`dcat_ros.windows.Window`.
    ``arrival``: bag time in ns of the message that completed it. ``inputs``: float32.
    ``label``: the activity, empty where the window does not lie within one. ``group``: what must
    not be split between training and test. ``problem``: why the sensor is not what its modality
    expects, empty if nothing is known to be wrong.
    """

    start: int
    end: int
    arrival: int
    inputs: NDArray[np.float32]
    label: str
    group: str
    problem: str = ''


class IdentityDecoder:
    """Decoder for streams that get `Samples` instead of messages."""

    def decode(self, message: Any) -> Samples:
        """Return the samples as they are."""
        return message


class SampleReader:
    """Iterates over the decoded samples of one sensor of an open bag, in the bag's order.

    The counts belong to the latest iteration: ``decoded`` messages gave samples, ``refused``
    ones could not be decoded, and ``reason`` says why for the first of those.

    :raises BagError: if the bag lacks the sensor, or has several topics for it.
    """

    def __init__(self, reader: BagReader, modality: Modality, given: Any = None) -> None:
        self._reader = reader
        self._given = given
        self._modality = modality
        self._topics = topics_of(reader, modality)

    def __iter__(self) -> Iterator[tuple[Samples, int]]:
        """Yield samples and the bag time (ns) of their message.

        :raises BagError: if the bag is damaged or, at its end, if no message could be decoded.
        """
        self.decoded = self.refused = 0
        self.reason = ''
        decoder = self._modality.decoder(self._given)
        for topic, data, arrival in self._reader.raw(self._topics):
            try:
                samples = decoder.decode(self._reader.deserialize(topic, data))
            except DecodeError as error:
                self.refused += 1
                self.reason = self.reason or str(error)
                continue
            if samples is not None:
                self.decoded += 1
                yield samples, arrival
        if not self.decoded:
            reason = f': {self.reason}' if self.reason else ''
            raise BagError(
                f'{self._reader.path} has no readable message on {self._topics[0]}{reason}'
            )


class WindowReader:
    """Iterates over the windows of one sensor of an open bag, in order of their completion.

    The bag is read message by message. A window outside of all labelled intervals belongs to the
    bag's subject. ``samples`` counts the messages that could not be decoded.

    :raises BagError: if the bag lacks the sensor, or its labels cannot be read.
    """

    def __init__(self, reader: BagReader, inputs: InputSpec) -> None:
        self.samples = SampleReader(reader, inputs.modality, inputs.given)
        self._inputs = inputs
        self._intervals = reader.labels()
        self._subject = reader.custom.get('subject', '')

    def __iter__(self) -> Iterator[BagWindow]:
        """Yield the windows.

        :raises BagError: as of :class:`SampleReader`.
        """
        modality, spec, _ = self._inputs
        stream = Stream(modality, spec, IdentityDecoder())
        for samples, arrival in self.samples:
            for window in stream.push(samples):
                interval = interval_of(window, spec, self._intervals)
                yield BagWindow(
                    window.start,
                    window.end,
                    arrival,
                    window.inputs,
                    interval.label if interval else '',
                    interval.group if interval else self._subject,
                    window.problem,
                )


def windows(bag: Path, inputs: InputSpec, labelled: bool = False) -> Iterator[BagWindow]:
    """Yield the windows of one sensor of a bag.

    :param labelled: whether to leave out the windows without label.
    :raises BagError: as of :class:`WindowReader`.
    """
    with BagReader(bag) as reader:
        for window in WindowReader(reader, inputs):
            if window.label or not labelled:
                yield window


def interval_of(
    window: Window, spec: WindowSpec, intervals: Sequence[Interval]
) -> Interval | None:
    """Return the labelled interval that a window lies in, None where there is none.

    The window may begin half a sample before the interval.

    :param intervals: in order of time, not overlapping.
    """
    tolerance = round(0.5 * NANOSECONDS / spec.rate)
    return interval_at(intervals, window.start + tolerance, window.end)


def topics_of(reader: BagReader, modality: Modality) -> list[str]:
    """Return the topic that carries a modality, followed by the topics that describe it.

    Of several topics of one type, the one counts that the recorder noted for the sensor, else
    the one that has the modality's default name.

    :raises BagError: if there is no such topic, or the choice among several is open.
    """
    topics = reader.topics
    default_name = reader.sensors.get(modality.name, modality.topic)
    for msgtype in modality.message_types:
        if data_topic := _topic_of_type(reader, msgtype, default_name):
            info_topics = (
                _topic_of_type(reader, info_type, name)
                for name, info_type in modality.info.items()
            )
            return [*data_topic, *chain.from_iterable(info_topics)]
    raise BagError(
        f'{reader.path} has no {modality.name} topic ({" or ".join(modality.message_types)}); it '
        f'has {", ".join(topics)}'
    )


def _topic_of_type(reader: BagReader, msgtype: str, default_name: str) -> list[str]:
    """Return the topic of a type as a list, empty where there is none."""
    found = [topic for topic, other in reader.topics.items() if other == msgtype]
    preferred = [topic for topic in found if topic.lstrip('/') == default_name.lstrip('/')]
    if len(found) > 1 and not preferred:
        raise BagError(
            f'{reader.path} has several {msgtype} topics, {", ".join(found)}: name the one to '
            f'read /{default_name}'
        )
    return preferred or found
