# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Find YAML files with settings, and parse them into dataclasses."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, MISSING
import os
from pathlib import Path
from typing import Any, get_type_hints, TypeVar

from dcat_ros.share import share_directory
from dcat_ros.training.errors import TrainingError
import yaml

T = TypeVar('T')


def read_yaml(name: str, folder: str, kind: str) -> tuple[Path, Any]:
    """Return the path and the content of the YAML file with some name or path.

    :param folder: where shipped ones are, under config/.
    :param kind: what it is, in errors.
    :raises TrainingError: if there is none, or it cannot be read.
    """
    path = find(name, folder, kind)
    try:
        return path, yaml.safe_load(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TrainingError(f'{path} cannot be read: {error}') from error


def find(name: str, folder: str, kind: str) -> Path:
    """Return the file that a user's name or path means, see :func:`read_yaml`.

    :raises TrainingError: if there is none.
    """
    if os.sep in name or name.endswith(('.yaml', '.yml')):
        return Path(name).expanduser()
    shipped = share_directory() / 'config' / folder
    path = shipped / f'{name}.yaml'
    if not path.is_file():
        names = ', '.join(sorted(file.stem for file in shipped.glob('*.yaml')))
        raise TrainingError(
            f'no shipped {kind} is named "{name}"; there are {names}, and a path must contain a '
            f'"{os.sep}" or end in .yaml'
        )
    return path


def parse(kind: type[T], record: Any, where: str) -> T:
    """Build a dataclass from a mapping, nested ones too.

    :param where: the mapping's name in errors.
    :raises TrainingError: if a key is unknown or missing, or a value of the wrong type.
    """
    if not isinstance(record, dict):
        raise TrainingError(f'{where or "the file"} is {record!r}, expected a mapping of settings')
    hints = get_type_hints(kind)
    prefix = f'{where}.' if where else ''
    known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    for key in record:
        if key not in known:
            raise TrainingError(f'{prefix}{key} is unknown, expected some of {", ".join(known)}')
    for name, item in known.items():
        optional = item.default is not MISSING or item.default_factory is not MISSING
        if not optional and name not in record:
            raise TrainingError(f'{prefix}{name} is missing')
    return kind(**{
        name: _value(hints[name], value, f'{prefix}{name}') for name, value in record.items()
    })


def _value(kind: Any, value: Any, where: str) -> Any:
    if is_dataclass(kind):
        return parse(kind, value, where)  # type: ignore[arg-type]
    if kind == list[str]:
        if not isinstance(value, list):
            raise TrainingError(f'{where} is {value!r}, expected a list')
        return [str(item) for item in value]
    try:
        converted = kind(value)
    except (TypeError, ValueError):
        converted = None
    is_truth = isinstance(value, bool)
    if converted is None or is_truth != (kind is bool) or (kind is int and converted != value):
        raise TrainingError(f'{where} is {value!r}, expected {kind.__name__}')
    return converted
