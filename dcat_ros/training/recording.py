"""One bag, decoded once: the samples of one sensor and the labelled intervals."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dcat_ros.bags.identity import files_of
from dcat_ros.bags.labels import Interval
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.samples import SampleReader
from dcat_ros.modalities import Modality, Samples
from dcat_ros.training.errors import TrainingError

BLOCK = 2**20


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
    """Return the SHA-256 over the files that make a bag what it is, not over its reports.

    :raises TrainingError: if one is missing.
    """
    digest = hashlib.sha256()
    try:
        for path in files_of(bag):
            with path.open('rb') as file:
                digest.update(f'{path.name}\n{path.stat().st_size}\n'.encode())
                while block := file.read(BLOCK):
                    digest.update(block)
    except (BagError, OSError) as error:
        raise TrainingError(str(error)) from error
    return digest.hexdigest()


def read(bag: Path, modality: Modality) -> Recording:
    """Read and decode one sensor of a bag.

    :raises TrainingError: if the bag is damaged, or lacks the sensor, labels or subject.
    """
    try:
        with BagReader(bag) as reader:
            intervals = reader.labels()
            source = SampleReader(reader, [modality])
            parts = [samples for _, samples, _ in source]
    except BagError as error:
        raise TrainingError(str(error)) from error
    if not intervals:
        raise TrainingError(f'{bag} has no labels: record them on /label (std_msgs/msg/String)')
    if not all(interval.group for interval in intervals):
        raise TrainingError(
            f'{bag} does not say whose it is: metadata.yaml needs custom_data with a "subject"'
        )
    return Recording(bag.resolve().name, parts, intervals, source.tallies[0].refused)
