# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The sensors, one file each, and their registry by name."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from dcat_ros.modalities.audio import Audio
from dcat_ros.modalities.base import DecodeError, Decoder, Modality, Samples
from dcat_ros.modalities.camera import Camera
from dcat_ros.modalities.imu import Imu

__all__ = ['MODALITIES', 'DecodeError', 'Decoder', 'Modality', 'Samples', 'create']


def _modality_classes() -> Iterator[type[Modality]]:
    """Yield the three shipped modalities, then what other files in this folder call MODALITY."""
    yield from (Imu, Camera, Audio)
    for module in iter_modules(__path__, f'{__name__}.'):
        modality = getattr(import_module(module.name), 'MODALITY', None)
        if modality is not None:
            yield modality


MODALITIES = {modality.name: modality for modality in _modality_classes()}


def create(name: str, settings: Mapping[str, Any]) -> Modality:
    """Return the modality of that name with the given feature settings.

    :raises ValueError: if the name or a setting is unknown.
    """
    if name not in MODALITIES:
        raise ValueError(f'modality is "{name}", expected one of {", ".join(MODALITIES)}')
    modality = MODALITIES[name]
    known = [field.name for field in fields(modality)]
    if unknown := set(settings) - set(known):
        raise ValueError(
            f'features of {name} have no "{min(unknown)}", expected some of {", ".join(known)}'
        )
    return modality(**settings)
