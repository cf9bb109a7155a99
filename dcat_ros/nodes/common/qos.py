# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Quality of service: profiles that match the publishers, and reports of a mismatch."""

from collections.abc import Callable, Sequence
from typing import Any

from rclpy.qos import (
    DurabilityPolicy,
    qos_policy_name_from_kind,
    QoSProfile,
    ReliabilityPolicy,
)
from rclpy.topic_endpoint_info import TopicEndpointInfo

try:
    from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import PublisherEventCallbacks, SubscriptionEventCallbacks

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def matching(publishers: Sequence[TopicEndpointInfo], depth: int) -> QoSProfile:
    """Return the strictest profile of a subscription that is compatible with all publishers."""
    offers = [publisher.qos_profile for publisher in publishers]
    reliable = all(offer.reliability == ReliabilityPolicy.RELIABLE for offer in offers)
    latched = all(offer.durability == DurabilityPolicy.TRANSIENT_LOCAL for offer in offers)
    return QoSProfile(
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
    )


def is_compatible(profile: QoSProfile, publishers: Sequence[TopicEndpointInfo]) -> bool:
    """Tell whether a subscription's profile is compatible with all publishers."""
    strictest = matching(publishers, profile.depth)
    return (
        strictest.reliability == ReliabilityPolicy.RELIABLE
        or profile.reliability == ReliabilityPolicy.BEST_EFFORT
    ) and (
        strictest.durability == DurabilityPolicy.TRANSIENT_LOCAL
        or profile.durability == DurabilityPolicy.VOLATILE
    )


def on_mismatch(topic: str, report: Callable[[str], None]) -> SubscriptionEventCallbacks:
    """Return subscription callbacks that report incompatible publishers in one sentence."""
    return SubscriptionEventCallbacks(incompatible_qos=_reporter(topic, 'publisher', report))


def on_subscriber_mismatch(topic: str, report: Callable[[str], None]) -> PublisherEventCallbacks:
    """Return publisher callbacks that report incompatible subscribers in one sentence."""
    return PublisherEventCallbacks(incompatible_qos=_reporter(topic, 'subscriber', report))


def _reporter(topic: str, other: str, report: Callable[[str], None]) -> Callable[[Any], None]:
    def on_event(event: Any) -> None:
        policy = qos_policy_name_from_kind(event.last_policy_kind)
        report(
            f'{event.total_count} {other}(s) of {topic} do not match in QoS, last in {policy}: '
            f'compare with `ros2 topic info -v {topic}`'
        )

    return on_event
