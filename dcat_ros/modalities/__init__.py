# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The sensors: one file each, and the registry that the rest of the package goes by."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from dcat_ros.modalities.audio import Audio
from dcat_ros.modalities.base import DecodeError, Decoder, Modality, Samples
from dcat_ros.modalities.camera import Camera
from dcat_ros.modalities.imu import Imu


def _kinds() -> Iterator[type[Modality]]:
    """Yield the sensors, after the three shipped ones what other files here call MODALITY."""
    yield from (Imu, Camera, Audio)
    for module in iter_modules(__path__, f'{__name__}.'):
        kind = getattr(import_module(module.name), 'MODALITY', None)
        if kind is not None:
            yield kind


MODALITIES = {kind.name: kind for kind in _kinds()}

__all__ = ['MODALITIES', 'DecodeError', 'Decoder', 'Modality', 'Samples', 'create']


def create(name: str, settings: Mapping[str, Any]) -> Modality:
    """Return the modality of that name with the given feature settings.

    :raises ValueError: if the name or a setting is unknown.
    """
    kind = MODALITIES.get(name)
    if kind is None:
        raise ValueError(f'modality is "{name}", expected one of {", ".join(MODALITIES)}')
    known = [field.name for field in fields(kind)]
    if unknown := set(settings) - set(known):
        raise ValueError(
            f'features of {name} have no "{min(unknown)}", expected some of {", ".join(known)}'
        )
    return kind(**settings)
