# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The sensors of a bag by name."""

from __future__ import annotations

import json
from typing import Any

from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.modalities import MODALITIES


def modalities_in(reader: BagReader) -> dict[str, str]:
    """Return the modality of each sensor of a bag by the sensor's name.

    Those are the sensors that the recorder noted, and the default sensor of each other modality
    that the bag has topics of.
    """
    facts, types = _facts(reader), reader.topics
    found: dict[str, str] = {}
    for name, topic in reader.sensors.items():
        noted = str(facts[topic].get('modality', name))
        modality = noted if noted in MODALITIES else _modality_of(types.get(topic, ''))
        if modality:
            found[name] = modality
    for name, kind in MODALITIES.items():
        if name not in found.values() and set(types.values()) & set(kind.message_types):
            found[name] = name
    return found


def modality_of(reader: BagReader, sensor: str) -> str:
    """Return the modality of one sensor of a bag, also of one that only a topic's path names.

    :raises BagError: if the bag has no such sensor.
    """
    known = modalities_in(reader)
    if sensor in known:
        return known[sensor]
    for topic, msgtype in reader.topics.items():
        if sensor in topic.split('/') and (modality := _modality_of(msgtype)):
            return modality
    raise BagError(
        f'{reader.path} has no sensor {sensor}; it has {", ".join(known) or "none"}'
    )


def _facts(reader: BagReader) -> dict[str, dict[str, Any]]:
    """Return what the recorder noted of each topic, empty where that cannot be read."""
    return json.loads(reader.custom.get('topics', '{}')) if reader.sensors else {}


def _modality_of(msgtype: str) -> str:
    """Return the first modality that takes messages of a type, empty for none."""
    return next((name for name, kind in MODALITIES.items() if msgtype in kind.message_types), '')
