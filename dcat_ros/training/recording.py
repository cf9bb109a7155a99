"""One bag, decoded once: the samples of one sensor and the labelled intervals."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcat_ros.bags.labels import Interval
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.modalities import DecodeError, Modality, Samples
from dcat_ros.training.errors import TrainingError


class Decoded:
    """A decoder of what is decoded already, so that a stream can be fed the same twice."""

    def decode(self, message: Any) -> Samples:
        """Return the samples given."""
        return message


@dataclass(frozen=True)
class Recording:
    """The part of a bag that training needs.

    :param name: the bag directory's name.
    :param parts: decoded samples of each message, in the order of the bag.
    :param intervals: labelled stretches with their subject as group.
    :param refused: number of messages that could not be decoded.
    """

    name: str
    parts: list[Samples]
    intervals: list[Interval]
    refused: int


def find_bags(directories: Sequence[Path]) -> list[Path]:
    """Return the bags among the directories and right below them, by name.

    :raises TrainingError: if a directory holds none, or two bags have one name.
    """
    bags = []
    for directory in directories:
        below = [directory] if (directory / 'metadata.yaml').exists() else sorted(
            path.parent for path in directory.glob('*/metadata.yaml')
        )
        if not below:
            raise TrainingError(f'{directory} is no rosbag2 bag and holds none: check --bags')
        bags += below
    by_name = {path.resolve().name: path for path in bags}
    if len(by_name) < len(bags):
        raise TrainingError('two bags have the same name, which must be unique: check --bags')
    return [by_name[name] for name in sorted(by_name)]


def fingerprint(bag: Path) -> str:
    """Return the SHA-256 over a bag's files."""
    digest = hashlib.sha256()
    for path in sorted(bag.iterdir()):
        if path.is_file():
            digest.update(f'{path.name}\n{path.stat().st_size}\n'.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def read(bag: Path, modality: Modality) -> Recording:
    """Read and decode one sensor of a bag.

    :raises TrainingError: if the bag is damaged, or lacks the sensor, labels or subject.
    """
    try:
        with BagReader(bag) as reader:
            intervals = reader.labels()
            topics = [_topic(bag, reader.topics, modality), *_info(reader.topics, modality)]
            decoder = modality.decoder()
            parts, reasons = [], []
            for _, message, _ in reader.messages(topics):
                try:
                    samples = decoder.decode(message)
                except DecodeError as error:
                    reasons.append(str(error))
                    continue
                if samples is not None:
                    parts.append(samples)
    except BagError as error:
        raise TrainingError(str(error)) from error
    if not intervals:
        raise TrainingError(f'{bag} has no labels: record them on /label (std_msgs/msg/String)')
    if not all(interval.group for interval in intervals):
        raise TrainingError(
            f'{bag} does not say whose it is: metadata.yaml needs custom_data with a "subject"'
        )
    if not parts:
        reason = f': {reasons[0]}' if reasons else ''
        raise TrainingError(f'{bag} has no readable message on {topics[0]}{reason}')
    return Recording(bag.resolve().name, parts, intervals, len(reasons))


def _topic(bag: Path, topics: dict[str, str], modality: Modality) -> str:
    for kind in modality.message_types:
        found = [topic for topic, msgtype in topics.items() if msgtype == kind]
        preferred = [topic for topic in found if topic.lstrip('/') == modality.topic]
        if len(found) > 1 and not preferred:
            raise TrainingError(
                f'{bag} has several {kind} topics, {", ".join(found)}: name the one to train on '
                f'/{modality.topic}'
            )
        if found:
            return (preferred or found)[0]
    raise TrainingError(
        f'{bag} has no {modality.name} topic ({" or ".join(modality.message_types)}); it has '
        f'{", ".join(topics)}'
    )


def _info(topics: dict[str, str], modality: Modality) -> list[str]:
    return [topic for topic, msgtype in topics.items() if msgtype in modality.info.values()]
