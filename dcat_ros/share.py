# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Where the installed configuration, launch files, bundles and examples are, and defaults."""

from pathlib import Path
from typing import Any

import yaml

NAME = 'dcat_ros'


def share_directory() -> Path:
    """Return the installed ``share/dcat_ros``.

    The ament index knows it on a ROS host. Elsewhere it lies where pip puts it, ``share`` in a
    folder above the code, or the code runs in a clone, which has the same layout.

    :raises FileNotFoundError: if dcat_ros is not installed.
    """
    try:
        from ament_index_python.packages import get_package_share_directory
        return Path(get_package_share_directory(NAME))
    except (ImportError, LookupError, OSError):  # no ROS, not in the index, no index
        pass
    package = Path(__file__).parent
    for path in (package.parent, *(above / 'share' / NAME for above in package.parents)):
        if (path / 'package.xml').is_file():
            return path
    raise FileNotFoundError(
        f'no folder above {package} has a share/{NAME}: install dcat_ros by pip or colcon'
    )


def defaults(node_name: str) -> dict[str, Any]:
    """Return the defaults of a node by dotted parameter name, from config/<node_name>.yaml."""
    path = share_directory() / 'config' / f'{node_name}.yaml'
    record = yaml.safe_load(path.read_text(encoding='utf-8'))
    return _flatten(record['/**']['ros__parameters'])


def _flatten(tree: dict[str, Any], prefix: str = '') -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat |= _flatten(value, f'{prefix}{key}.')
        else:
            flat[f'{prefix}{key}'] = value
    return flat
