# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A bag's metadata.yaml, as rosbag2 writes it."""

from collections.abc import Mapping, Sequence
import os
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from dcat_ros.bags import annotation
from dcat_ros.bags.mcap import Statistics, Summary
from dcat_ros.bags.reader import BagError
import yaml

# Humble to Rolling read 8; in 9, profiles are spelt in a way that Humble and Jazzy cannot read.
VERSION = 8
METADATA = 'metadata.yaml'
PROFILES = 'offered_qos_profiles'
TYPE_HASH = 'topic_type_hash'
FAULTS = (OSError, ValueError, KeyError, TypeError, yaml.YAMLError)


class BagFile(NamedTuple):
    """Name and summary of a file of a bag."""

    name: str
    summary: Summary


def write_metadata(directory: Path, files: Sequence[BagFile], custom: Mapping[str, str]) -> None:
    """Write metadata.yaml atomically.

    :param directory: the bag.
    :param files: in order of time.
    :param custom: `custom_data`.
    """
    total = Statistics()
    for _, summary in files:
        part = summary.statistics
        total.add(part.count, part.start, part.end)
    information = {
        'version': VERSION,
        'storage_identifier': 'mcap',
        'relative_file_paths': [file.name for file in files],
        **_times(total),
        'topics_with_message_count': _topics(files),
        'compression_format': '',
        'compression_mode': '',
        'files': [{'path': file.name, **_times(file.summary.statistics)} for file in files],
        'custom_data': dict(custom) or None,
        'ros_distro': os.environ.get('ROS_DISTRO', 'unknown'),
    }
    scratch = directory / f'.{METADATA}'
    with scratch.open('w', encoding='utf-8') as file:
        yaml.safe_dump(
            {'rosbag2_bagfile_information': information}, file, sort_keys=False,
            allow_unicode=True,
        )
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(directory / METADATA)


def bag_files(bag: Path) -> list[Path]:
    """Return the files of a bag by name: data, metadata.yaml and labels.csv, but not reports.

    :raises BagError: if metadata.yaml cannot be read.
    """
    if not bag.is_dir():
        return [bag]
    try:
        names = [PurePath(name).name for name in _information(bag)['relative_file_paths']]
    except FAULTS as error:
        raise BagError(f'{bag / METADATA} cannot be read: {error}') from error
    labels = [annotation.FILE] if (bag / annotation.FILE).exists() else []
    return [bag / name for name in sorted({METADATA, *labels, *names})]


def read_custom(bag: Path) -> dict[str, str]:
    """Return `custom_data` of metadata.yaml, empty where it cannot be read."""
    try:
        return dict(_information(bag).get('custom_data') or {})
    except FAULTS:
        return {}


def _information(bag: Path) -> dict[str, Any]:
    content = yaml.safe_load((bag / METADATA).read_text(encoding='utf-8'))
    return content['rosbag2_bagfile_information']


def _times(statistics: Statistics) -> dict[str, Any]:
    start, end = (statistics.start, statistics.end) if statistics.count else (0, 0)
    return {
        'duration': {'nanoseconds': end - start},
        'starting_time': {'nanoseconds_since_epoch': start},
        'message_count': statistics.count,
    }


def _topics(files: Sequence[BagFile]) -> list[dict[str, Any]]:
    """Return an entry for each topic; all files describe it alike."""
    topics: dict[str, dict[str, Any]] = {}
    for _, summary in files:
        for number, channel in summary.channels.items():
            topic = topics.setdefault(channel.topic, {
                'topic_metadata': {
                    'name': channel.topic,
                    'type': summary.schemas[channel.schema].name,
                    'serialization_format': channel.encoding,
                    PROFILES: channel.metadata.get(PROFILES, ''),
                    'type_description_hash': channel.metadata.get(TYPE_HASH, ''),
                },
                'message_count': 0,
            })
            topic['message_count'] += summary.counts.get(number, 0)
    return list(topics.values())
