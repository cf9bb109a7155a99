# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Windows of none of the classes, for outlier exposure: one class for each modality."""

from collections.abc import Callable
from typing import Any

from dcat_ros.training.augment import Augmentation
from dcat_ros.training.config import Negatives
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.negatives.audio import AudioNegatives
from dcat_ros.training.negatives.camera import CameraNegatives
from dcat_ros.training.negatives.clips import ClipNegatives
from dcat_ros.training.negatives.imu import ImuNegatives
from dcat_ros.training.negatives.skeleton import SkeletonNegatives
import torch
from torch import Generator, Tensor

GENERATORS: dict[str, Any] = {
    'imu': ImuNegatives, 'camera': CameraNegatives, 'audio': AudioNegatives,
    'skeleton': SkeletonNegatives,
}

Draw = Callable[[int, Generator], Tensor]


class NegativeWindows:
    """Draws the negatives of a batch.

    :param modality: a name in ``dcat_ros.modalities.MODALITIES``.
    :param settings: how many of each kind.
    :param batch: labelled windows in a batch.
    :param augmentation: that of the labelled windows.
    :param recorded: returns that many recorded negatives, (count, ...); None if there are none.
    :raises TrainingError: if the modality has no negatives of a wanted kind.
    """

    def __init__(
        self,
        modality: str,
        settings: Negatives,
        batch: int,
        augmentation: Augmentation,
        recorded: Draw | None,
    ) -> None:
        self._generator = GENERATORS.get(modality, ClipNegatives)(augmentation)
        counts = {kind: round(share * batch) for kind, share in settings.shares.items()}
        if recorded is None:
            counts['recorded'] = 0
        self._counts = {kind: count for kind, count in counts.items() if count}
        self._recorded = recorded
        for kind in self._counts:
            if not hasattr(self._generator, kind):
                raise TrainingError(f'negatives.{kind} is not known for {modality}: set it to 0')

    def __len__(self) -> int:
        return sum(self._counts.values())

    def draw(self, windows: Tensor, generator: Generator) -> Tensor:
        """Return the negatives (count, size, ...) of a batch.

        :param windows: its labelled windows, augmented, (batch, size, ...).
        """
        drawn = [windows[:0]]
        for kind, count in self._counts.items():
            if kind == 'recorded' and self._recorded is not None:
                material = self._recorded(count, generator)
            else:
                material = windows[torch.randint(len(windows), (count,), generator=generator)]
            drawn.append(getattr(self._generator, kind)(material, generator))
        return torch.cat(drawn)
