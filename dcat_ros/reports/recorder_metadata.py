# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the recorder writes about its bag into `custom_data`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
from typing import Any


@dataclass(frozen=True)
class RecorderMetadata:
    """The recorder's metadata; empty for bags from elsewhere.

    :param subject: who was recorded.
    :param session: which of the subject's recordings it is.
    :param location: where.
    :param notes: anything else.
    :param source: what wrote the bag, if no recorder did.
    :param ended: `stopped`, or why else the recording ended.
    :param is_of_clips: separate recordings, with pauses in between, were laid one after another.
    :param topics: topic to sensor, frame_id, received, written, dropped, ...
    :param pairing: what message_filters matched live for each pair of sensors.
    :param faults: the keys with invalid JSON.
    """

    subject: str = ''
    session: str = ''
    location: str = ''
    notes: str = ''
    source: str = ''
    ended: str = ''
    is_of_clips: bool = False
    topics: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    pairing: tuple[dict[str, Any], ...] = ()
    faults: tuple[str, ...] = ()

    @classmethod
    def from_custom_data(cls, custom: Mapping[str, str]) -> RecorderMetadata:
        """Read a bag's `custom_data`; keys that are broken count as absent."""
        texts = ('subject', 'session', 'location', 'notes', 'source', 'ended')
        faults = []
        topics, pairing = _parsed(custom.get('topics')), _parsed(custom.get('pairing'))
        if 'topics' in custom and not (
            isinstance(topics, dict) and all(map(_is_topic, topics.values()))
        ):
            faults.append('topics')
            topics = None
        if 'pairing' in custom and not (
            isinstance(pairing, list) and all(map(_is_pairing, pairing))
        ):
            faults.append('pairing')
            pairing = None
        return cls(
            **{key: str(custom.get(key, '')) for key in texts},
            is_of_clips='clips' in custom,
            topics=topics or {},
            pairing=tuple(pairing or ()),
            faults=tuple(faults),
        )


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or 'null')
    except ValueError:
        return None


def _is_topic(entry: Any) -> bool:
    return isinstance(entry, dict) and all(
        isinstance(entry.get(key, 0), int) for key in ('received', 'written', 'dropped')
    )


def _is_pairing(entry: Any) -> bool:
    if not (
        isinstance(entry, dict)
        and isinstance(entry.get('topics'), list)
        and len(entry['topics']) == 2
        and all(isinstance(topic, str) for topic in entry['topics'])
        and isinstance(entry.get('unmatched'), dict)
    ):
        return False
    numbers = [*(entry.get(key) for key in ('slop', 'matches', 'restarts')),
               *entry['unmatched'].values()]
    offsets = (entry.get('offset_median'), entry.get('offset_worst'))
    return all(isinstance(number, int | float) for number in numbers) and all(
        offset is None or isinstance(offset, int | float) for offset in offsets
    )
