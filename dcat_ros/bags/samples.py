# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The decoded samples of sensors in a bag, one message at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.modalities import DecodeError, Decoder, Modality, Samples


class Decoded:
    """A decoder of what is decoded already, for streams fed with `Samples`."""

    def decode(self, message: Any) -> Samples:
        """Return the samples given."""
        return message


@dataclass
class Tally:
    """What became of one sensor's messages.

    :param topic: where its samples are.
    :param decoded: messages that gave samples.
    :param refused: messages that could not be decoded.
    :param reason: why, for the first of them.
    """

    topic: str
    decoded: int = 0
    refused: int = 0
    reason: str = ''


class SampleReader:
    """Iterates over the samples of some sensors of an open bag, in the bag's order.

    ``tallies`` tells, in the order of the modalities, how the last iteration has gone so far.

    :param modalities: the sensors; each gets a decoder of its own.
    :raises BagError: if the bag lacks one, or does not say which of several topics is meant.
    """

    def __init__(self, reader: BagReader, modalities: Sequence[Modality]) -> None:
        self._reader = reader
        self._modalities = modalities
        self._topics = [topics_of(reader, each) for each in modalities]
        self._begin()

    def _begin(self) -> None:
        self.tallies = [Tally(topics[0]) for topics in self._topics]
        self._decoders: dict[str, list[tuple[int, Decoder]]] = {}
        for number, modality in enumerate(self._modalities):
            decoder = modality.decoder()
            for topic in self._topics[number]:
                self._decoders.setdefault(topic, []).append((number, decoder))

    def __iter__(self) -> Iterator[tuple[int, Samples, int]]:
        """Yield the modality's number, samples, and the bag time (ns) of their message.

        :raises BagError: if the bag is damaged, or at the end, if a sensor gave no samples.
        """
        self._begin()
        for topic, data, arrival in self._reader.raw(list(self._decoders)):
            for number, decoder in self._decoders[topic]:
                tally = self.tallies[number]
                try:
                    samples = decoder.decode(self._reader.deserialised(topic, data))
                except DecodeError as error:
                    tally.refused += 1
                    tally.reason = tally.reason or str(error)
                    continue
                if samples is not None:
                    tally.decoded += 1
                    yield number, samples, arrival
        for tally in self.tallies:
            if not tally.decoded:
                reason = f': {tally.reason}' if tally.reason else ''
                raise BagError(
                    f'{self._reader.path} has no readable message on {tally.topic}{reason}'
                )


def topics_of(reader: BagReader, modality: Modality) -> list[str]:
    """Return the topic that carries a modality, and those that describe it.

    Of several of one type, the one is meant that the recorder took for the sensor, or else that is
    named as the modality's own.

    :raises BagError: if there is none, or none of several stands out.
    """
    bag, topics = reader.path, reader.topics
    for kind in modality.message_types:
        own = reader.sensors.get(modality.name, modality.topic)
        if carrier := _only(bag, topics, kind, own):
            infos = (_only(bag, topics, kind, name) for name, kind in modality.info.items())
            return [*carrier, *chain.from_iterable(infos)]
    raise BagError(
        f'{bag} has no {modality.name} topic ({" or ".join(modality.message_types)}); it has '
        f'{", ".join(topics)}'
    )


def _only(bag: Path, topics: dict[str, str], kind: str, name: str) -> list[str]:
    """Return the topic of a type as a list, empty where there is none."""
    found = [topic for topic, msgtype in topics.items() if msgtype == kind]
    preferred = [topic for topic in found if topic.lstrip('/') == name.lstrip('/')]
    if len(found) > 1 and not preferred:
        raise BagError(
            f'{bag} has several {kind} topics, {", ".join(found)}: name the one to read /{name}'
        )
    return preferred or found
