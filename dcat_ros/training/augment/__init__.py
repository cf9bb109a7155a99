# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Augmentation: one class for each modality, whose fields are the strengths."""

from dataclasses import dataclass
from typing import Any, Protocol

from dcat_ros.training.augment.audio import AudioAugmentation
from dcat_ros.training.augment.camera import CameraAugmentation
from dcat_ros.training.augment.imu import ImuAugmentation
from dcat_ros.training.augment.skeleton import SkeletonAugmentation
from dcat_ros.training.yaml_file import parse
from torch import Generator, Tensor


class Augmentation(Protocol):
    """Varies windows at random, reproducibly by the generator."""

    def __call__(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return windows of the same shape, (batch, size, ...)."""


@dataclass(frozen=True)
class NoAugmentation:
    """Returns windows unchanged, for a modality without augmentation."""

    def __call__(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return the windows."""
        return windows


AUGMENTATIONS: dict[str, Any] = {
    'imu': ImuAugmentation, 'camera': CameraAugmentation, 'audio': AudioAugmentation,
    'skeleton': SkeletonAugmentation,
}

__all__ = ['AUGMENTATIONS', 'Augmentation', 'create']


def create(modality: str, strengths: dict[str, Any]) -> Augmentation:
    """Return the modality's augmentation.

    :raises TrainingError: if a strength is unknown or no number.
    """
    return parse(AUGMENTATIONS.get(modality, NoAugmentation), strengths, 'augment')
