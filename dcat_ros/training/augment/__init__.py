"""Variety that a sensor meets in the field: one class a modality, its fields the strengths."""

from collections.abc import Callable
from typing import Any

from torch import Generator, Tensor

from dcat_ros.training.augment.audio import AudioAugmentation
from dcat_ros.training.augment.camera import CameraAugmentation
from dcat_ros.training.augment.imu import ImuAugmentation
from dcat_ros.training.config import parse

Augmentation = Callable[[Tensor, Tensor, int, Generator], Tensor]
"""(windows (batch, longest, ...), lengths (batch,), size, generator) to (batch, size, ...)."""

AUGMENTATIONS: dict[str, Any] = {
    'imu': ImuAugmentation, 'camera': CameraAugmentation, 'audio': AudioAugmentation,
}

__all__ = ['AUGMENTATIONS', 'Augmentation', 'create']


def create(modality: str, strengths: dict[str, Any]) -> Augmentation:
    """Return the modality's augmentation.

    :raises TrainingError: if a strength is unknown or no number.
    """
    return parse(AUGMENTATIONS[modality], strengths, 'augment')
