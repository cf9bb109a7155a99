# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""QoS profiles in a bag's metadata."""

from collections.abc import Sequence
from typing import Any

from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)
import yaml

LATCHED_NAMES = ('label', 'audio_info')


def reliable(depth: int, durability: QosDurability) -> Qos:
    """Return a reliable keep-last profile without deadline, lifespan or lease."""
    unset = QosTime(0, 0)
    return Qos(
        QosHistory.KEEP_LAST, depth, QosReliability.RELIABLE, durability,
        unset, unset, QosLiveliness.AUTOMATIC, unset, False,
    )


SENSOR = reliable(10, QosDurability.VOLATILE)
LATCHED = reliable(1, QosDurability.TRANSIENT_LOCAL)


def default_profile(topic: str) -> Qos:
    """Return `LATCHED` for topics with a state (label, audio_info), else `SENSOR`."""
    return LATCHED if topic.rsplit('/', 1)[-1] in LATCHED_NAMES else SENSOR


def serving_all(topic: str, recorded: Sequence[Qos]) -> Qos:
    """Return a profile that is compatible with all subscriptions of the recorded publishers.

    `ros2 bag record` learns depth and history from some middlewares only: a depth of 0 is
    replaced by that of `SENSOR` or `LATCHED`.

    :param recorded: profiles in the bag; `default_profile` is used if there are none.
    """
    offers = recorded or [default_profile(topic)]
    latched = any(offer.durability is QosDurability.TRANSIENT_LOCAL for offer in offers)
    best_effort = all(offer.reliability is QosReliability.BEST_EFFORT for offer in offers)
    base = LATCHED if latched else SENSOR
    return base._replace(
        depth=max(offer.depth for offer in offers) or base.depth,
        reliability=QosReliability.BEST_EFFORT if best_effort else QosReliability.RELIABLE,
    )


def dumped(profiles: Sequence[Qos]) -> str:
    """Return profiles as YAML for metadata version 8."""
    entries = [
        {name: _plain(value) for name, value in profile._asdict().items()}
        for profile in profiles
    ]
    return yaml.safe_dump(entries, sort_keys=False).strip() if entries else ''


def _plain(value: Any) -> Any:
    """Return a profile's value without types of rosbags."""
    return value._asdict() if isinstance(value, QosTime) else getattr(value, 'value', value)
