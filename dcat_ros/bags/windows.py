# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The samples and windows of one sensor in a bag, cut as the live node cuts them, with labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from posixpath import dirname
from typing import Any, NamedTuple

from dcat_ros.bags.labels import Interval, interval_at
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.modalities import DecodeError, Modality, Samples
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.windows import Stream, Window, WindowSpec
import numpy as np
from numpy.typing import NDArray


class Recorded(NamedTuple):
    """Which sensor of a bag is meant, and what is peculiar to it.

    ``name`` of the sensor; empty for the default one of the modality. ``given`` is the format of
    its streams, see ``dcat_ros.modalities.FORMATS``. ``clock_offset``: s by which its clock is
    ahead of the others', which is subtracted from its stamps.
    """

    name: str = ''
    given: Any = None
    clock_offset: float = 0.0


class InputSpec(NamedTuple):
    """What a model's input is made of: the sensor with its features, and the window's shape."""

    modality: Modality
    window: WindowSpec
    recorded: Recorded = Recorded()


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

    def __init__(
        self, reader: BagReader, modality: Modality, recorded: Recorded | None = None
    ) -> None:
        recorded = recorded or Recorded()
        self._reader = reader
        self._recorded = recorded
        self._modality = modality
        self._topics = topics_of(reader, modality, recorded.name)

    def __iter__(self) -> Iterator[tuple[Samples, int]]:
        """Yield samples and the bag time (ns) of their message.

        :raises BagError: if the bag is damaged or, at its end, if no message could be decoded.
        """
        self.decoded = self.refused = 0
        self.reason = ''
        decoder = self._modality.decoder(self._recorded.given)
        ahead = round(self._recorded.clock_offset * NANOSECONDS)
        for topic, data, arrival in self._reader.raw(self._topics):
            try:
                samples = decoder.decode(self._reader.deserialize(topic, data))
            except DecodeError as error:
                self.refused += 1
                self.reason = self.reason or str(error)
                continue
            if samples is not None:
                self.decoded += 1
                yield samples._replace(stamps=samples.stamps - ahead), arrival
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
        self.samples = SampleReader(reader, inputs.modality, inputs.recorded)
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


def topics_of(reader: BagReader, modality: Modality, sensor: str = '') -> list[str]:
    """Return the topic that carries a sensor, followed by the topics that describe it.

    The topic of a sensor is the one that the recorder noted for its name. Without such a note, it
    is the one whose path contains the name, as in `/left_wrist/imu/data`. That of a modality's
    default sensor is otherwise the one that has the modality's default name, or the only one.

    :param sensor: its name; empty for the default sensor of the modality.
    :raises BagError: if there is no such topic, or the choice among several is open.
    """
    topics = reader.topics
    name = sensor or modality.name
    for msgtype in modality.message_types:
        found = [topic for topic, other in topics.items() if other == msgtype]
        if name == modality.name:
            preferred = reader.sensors.get(name, modality.topic)
            data_topic = _preferred(found, preferred)
        else:
            data_topic = _named(reader, found, name)
        if len(data_topic) > 1:
            raise BagError(
                f'{reader.path} has several {msgtype} topics, {", ".join(data_topic)}: '
                f'{_remedy(reader, modality, name)}'
            )
        if data_topic:
            return [*data_topic, *_info_topics(reader, modality, *data_topic)]
    named = [f'{each} ({topic})' for each, topic in reader.sensors.items()]
    raise BagError(
        f'{reader.path} has no {name} topic ({" or ".join(modality.message_types)}); it has '
        f'{", ".join(named or topics)}'
    )


def _named(reader: BagReader, found: Sequence[str], name: str) -> list[str]:
    """Return those of some topics that belong to a sensor with a name of its own."""
    noted = reader.sensors
    if name in noted:
        return [topic for topic in found if topic == noted[name]]
    return [topic for topic in found if name in topic.split('/') and topic not in noted.values()]


def _preferred(found: Sequence[str], default_name: str) -> list[str]:
    """Return the topic of a name if there is one, else all."""
    preferred = [topic for topic in found if topic.lstrip('/') == default_name.lstrip('/')]
    return preferred or list(found)


def _remedy(reader: BagReader, modality: Modality, name: str) -> str:
    kinds = modality.message_types
    names = [each for each, topic in reader.sensors.items() if reader.topics.get(topic) in kinds]
    if names:
        return f'choose one of the sensors {", ".join(names)} by its name'
    return f'name the one to read /{modality.topic}, or choose one by a name in its path'


def _info_topics(reader: BagReader, modality: Modality, topic: str) -> Iterator[str]:
    """Yield the topics that describe the samples of a topic: those beside it, else the only one.

    :raises BagError: if the choice among several is open.
    """
    for name, msgtype in modality.info.items():
        found = [each for each, other in reader.topics.items() if other == msgtype]
        beside = [each for each in found if dirname(each) == dirname(topic)]
        chosen = _preferred(beside or found, name)
        if len(chosen) > 1:
            raise BagError(
                f'{reader.path} has several {msgtype} topics, {", ".join(chosen)}: name the one '
                f'to read /{name}'
            )
        yield from chosen
