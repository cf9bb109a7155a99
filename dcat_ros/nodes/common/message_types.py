# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From a message type's name to its Python class."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any


def message_class(type_name: str, fields: Sequence[str] | None = None) -> Any:
    """Return the class of e.g. ``sensor_msgs/msg/Imu``.

    :param fields: the names of the fields that it must have, where they are known.
    :raises ValueError: if the type's package is not installed, or is another one of that name.
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
