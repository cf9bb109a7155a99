# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Message classes by type name, stamps and diagnostic statuses."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from builtin_interfaces.msg import Time
from dcat_ros.modalities.base import NANOSECONDS
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue


def message_class(type_name: str, fields: Sequence[str] | None = None) -> Any:
    """Return the class of a message type such as ``sensor_msgs/msg/Imu``.

    :param fields: the names of the fields that it must have, if they are known.
    :raises ValueError: if the type's package is not installed, or another package has its name.
    """
    package, _, name = type_name.replace('/msg/', '/').partition('/')
    try:
        found = getattr(import_module(f'{package}.msg'), name)
    except (ImportError, AttributeError) as error:
        raise ValueError(
            f'message type {type_name} is not available: install ros-$ROS_DISTRO-'
            f'{package.replace("_", "-")} and source the workspace'
        ) from error
    installed = list(found.get_fields_and_field_types())
    if fields is not None and installed != list(fields):
        raise ValueError(
            f'{type_name} has the fields {", ".join(installed)} here, not {", ".join(fields)}: '
            f'install the package {package} that was recorded with'
        )
    return found


def time_message(stamp: int) -> Time:
    """Return a stamp in ns as ``builtin_interfaces/Time``."""
    return Time(sec=stamp // NANOSECONDS, nanosec=stamp % NANOSECONDS)


def diagnostic_status(
    name: str, level: bytes, message: str, values: Mapping[str, str]
) -> DiagnosticStatus:
    """Return a status with this package's hardware ID."""
    return DiagnosticStatus(
        name=name,
        level=level,
        message=message,
        hardware_id='dcat_ros',
        values=[KeyValue(key=key, value=value) for key, value in values.items()],
    )
