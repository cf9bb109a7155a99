# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a bag says of a message type, from the definitions installed with ROS."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ament_index_python.packages import get_package_share_directory, PackageNotFoundError
from dcat_ros.bags.types import defined_in, Definition
from rosbags.interfaces import Nodetype
from rosbags.typesys import get_types_from_msg, get_typestore, Stores


@cache
def definition(type_name: str) -> tuple[Definition, bool]:
    """Return a type's definition, and whether its messages begin with a std_msgs/Header.

    :param type_name: as in ``sensor_msgs/msg/Imu``.
    :raises ValueError: if the .msg file of the type, or of a part of it, is not installed.
    """
    store = get_typestore(Stores.EMPTY)
    missing = [type_name]
    while missing:
        name = missing.pop()
        types = get_types_from_msg(_text(name), name)
        store.register(types)
        parts = {part for _, fields in types.values() for _, field in fields
                 for part in _names(field)}
        missing += [part for part in parts if part not in store.fielddefs and part not in missing]
    _, fields = store.fielddefs[type_name]
    begins = bool(fields) and fields[0][1] == (Nodetype.NAME, 'std_msgs/msg/Header')
    return defined_in(store, type_name), begins


def _names(field: Any) -> Iterator[str]:
    """Yield the message types in a field's description."""
    kind, arguments = field
    if kind is Nodetype.NAME:
        yield arguments
    elif kind in (Nodetype.ARRAY, Nodetype.SEQUENCE):
        yield from _names(arguments[0])


def _text(type_name: str) -> str:
    package, _, name = type_name.replace('/msg/', '/').partition('/')
    try:
        path = Path(get_package_share_directory(package), 'msg', f'{name}.msg')
        return path.read_text(encoding='utf-8')
    except (PackageNotFoundError, OSError) as error:
        raise ValueError(
            f'{type_name} has no definition here, which a bag needs: install ros-$ROS_DISTRO-'
            f'{package.replace("_", "-")} and source the workspace'
        ) from error
