"""The sensors: one file each, and the registry that the rest of the package goes by."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from dcat_ros.modalities.audio import Audio
from dcat_ros.modalities.base import DecodeError, Decoder, Modality, Samples
from dcat_ros.modalities.camera import Camera
from dcat_ros.modalities.imu import Imu

MODALITIES: dict[str, type[Imu] | type[Camera] | type[Audio]] = {
    kind.name: kind for kind in (Imu, Camera, Audio)
}

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
