# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Labels and QoS profiles in the form in which bags store them."""

from typing import Any

from dcat_ros.bags.messages import text
from dcat_ros.bags.types import typestore
from dcat_ros.modalities import DecodeError
from rclpy.duration import Duration
from rclpy.qos import QoSProfile
from rosbags.interfaces import (
    Qos,
    QosDurability,
    QosHistory,
    QosLiveliness,
    QosReliability,
    QosTime,
)

STRING = 'std_msgs/msg/String'


def label_message(label: str) -> bytes:
    """Return a label as a serialised ``std_msgs/String``."""
    return bytes(typestore().serialize_cdr(text(label), STRING))


def label_text(raw: bytes) -> str:
    """Return the text of a serialised ``std_msgs/String``.

    :raises DecodeError: if the bytes are not such a message.
    """
    try:
        message: Any = typestore().deserialize_cdr(raw, STRING)
    except Exception as error:
        raise DecodeError(f'{len(raw)} bytes are no {STRING}') from error
    return message.data


def recorded_qos(profile: QoSProfile) -> Qos:
    """Return a publisher's profile as bags store it."""
    return Qos(
        QosHistory(int(profile.history)),
        profile.depth,
        QosReliability(int(profile.reliability)),
        QosDurability(int(profile.durability)),
        _bag_time(profile.deadline),
        _bag_time(profile.lifespan),
        QosLiveliness(int(profile.liveliness)),
        _bag_time(profile.liveliness_lease_duration),
        profile.avoid_ros_namespace_conventions,
    )


def _bag_time(duration: Duration) -> QosTime:
    return QosTime(*divmod(duration.nanoseconds, 10**9))
