# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A bag's metadata.yaml, as rosbag2 writes it."""

from collections import Counter
from collections.abc import Mapping, Sequence
import os
from pathlib import Path
from typing import Any, NamedTuple

from dcat_ros.bags.mcap.summary import Extent, NEVER, Summary
import yaml

# Humble to Rolling read 8; in 9, profiles are spelt in a way that Humble and Jazzy cannot read.
VERSION = 8
METADATA = 'metadata.yaml'
PROFILES = 'offered_qos_profiles'
TYPE_HASH = 'topic_type_hash'


class BagFile(NamedTuple):
    """A file of a bag: its name and what its summary says."""

    name: str
    summary: Summary


def write_metadata(directory: Path, files: Sequence[BagFile], custom: Mapping[str, str]) -> None:
    """Write metadata.yaml, whole or not at all.

    :param directory: the bag.
    :param files: in order of time.
    :param custom: `custom_data`.
    """
    extent = _joined([file.summary.extent for file in files])
    record = {
        'version': VERSION,
        'storage_identifier': 'mcap',
        'relative_file_paths': [file.name for file in files],
        **_times(extent),
        'topics_with_message_count': _topics(files),
        'compression_format': '',
        'compression_mode': '',
        'files': [{'path': file.name, **_times(file.summary.extent)} for file in files],
        'custom_data': dict(custom) or None,
        'ros_distro': os.environ.get('ROS_DISTRO', 'unknown'),
    }
    text = yaml.safe_dump(
        {'rosbag2_bagfile_information': record}, sort_keys=False, allow_unicode=True
    )
    scratch = directory / f'.{METADATA}'
    with scratch.open('w', encoding='utf-8') as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(directory / METADATA)


def read_custom(directory: Path) -> dict[str, str]:
    """Return `custom_data` of metadata.yaml, empty where there is no readable one."""
    try:
        record = yaml.safe_load((directory / METADATA).read_text(encoding='utf-8'))
        return dict(record['rosbag2_bagfile_information'].get('custom_data') or {})
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return {}


def _joined(extents: Sequence[Extent]) -> Extent:
    return Extent(
        sum(extent.count for extent in extents),
        min((extent.start for extent in extents), default=NEVER),
        max((extent.end for extent in extents), default=0),
    )


def _times(extent: Extent) -> dict[str, Any]:
    start, end = (extent.start, extent.end) if extent.count else (0, 0)
    return {
        'duration': {'nanoseconds': end - start},
        'starting_time': {'nanoseconds_since_epoch': start},
        'message_count': extent.count,
    }


def _topics(files: Sequence[BagFile]) -> list[dict[str, Any]]:
    """Return an entry for each topic; all files describe it alike."""
    known: dict[str, dict[str, Any]] = {}
    counts: Counter[str] = Counter()
    for _, summary in files:
        for number, channel in summary.channels.items():
            counts[channel.topic] += summary.counts.get(number, 0)
            known[channel.topic] = {
                'name': channel.topic,
                'type': summary.schemas[channel.schema].name,
                'serialization_format': channel.encoding,
                PROFILES: channel.metadata.get(PROFILES, ''),
                'type_description_hash': channel.metadata.get(TYPE_HASH, ''),
            }
    return [
        {'topic_metadata': entry, 'message_count': counts[topic]}
        for topic, entry in known.items()
    ]
