# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The sensors, one file each, and their registry by name."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from dcat_ros.modalities.audio import Audio, AudioFormat
from dcat_ros.modalities.base import DecodeError, Decoder, Modality, Samples
from dcat_ros.modalities.camera import Camera, CameraFormat
from dcat_ros.modalities.imu import Imu, ImuFormat
from dcat_ros.modalities.skeleton import Skeleton, SkeletonFormat

__all__ = [
    'MODALITIES', 'DecodeError', 'Decoder', 'Modality', 'Samples', 'create', 'create_format',
    'create_lenient',
]


def _modality_classes() -> Iterator[type[Modality]]:
    """Yield the shipped modalities, then what other files in this folder call MODALITY."""
    yield from (Imu, Camera, Audio, Skeleton)
    for module in iter_modules(__path__, f'{__name__}.'):
        modality = getattr(import_module(module.name), 'MODALITY', None)
        if modality is not None:
            yield modality


MODALITIES = {modality.name: modality for modality in _modality_classes()}


FORMATS: dict[str, Any] = {
    'imu': ImuFormat, 'camera': CameraFormat, 'audio': AudioFormat, 'skeleton': SkeletonFormat,
}
"""What a driver publishes, or how a sensor is mounted: settings of a robot, not of a model."""


def create_format(name: str, settings: Mapping[str, Any]) -> Any:
    """Return the format of a modality's streams, None for no settings.

    :raises ValueError: if a setting is unknown, missing or out of range.
    """
    if not settings:
        return None
    kind = FORMATS.get(name)
    known = [field.name for field in fields(kind)] if kind else []
    if unknown := set(settings) - set(known):
        raise ValueError(
            f'sensor of {name} has no "{min(unknown)}", expected '
            f'{"some of " + ", ".join(known) if known else "no settings"}'
        )
    try:
        return kind(**settings) if kind else None
    except TypeError as error:
        raise ValueError(f'sensor of {name}: {error}') from error


def create_lenient(name: str) -> Modality:
    """Return the modality of that name that refuses least, by which recordings are judged."""
    return create(name, {'flat': True} if name == Skeleton.name else {})


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
