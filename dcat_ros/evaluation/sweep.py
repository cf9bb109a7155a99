# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Variants of a target's recipe, from underfitted to overfitted.

According to the paper (arXiv 2509.09747), transfer fails if the target is overfitted. How far a
network overfits depends on its capacity, on its training time and on its regularisation, so a
study can vary these three. The width of the tokens stays the same, since K and V of source and
target must have equal `dim`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product

from dcat_ros.training.config import Config, Negatives
from dcat_ros.training.errors import TrainingError

MOST = 16.0
"""Largest factor on capacity and epochs."""


@dataclass(frozen=True)
class Variant:
    """A variant of a recipe; by default the recipe itself.

    :param width: factor on the channels of the encoder's convolutions, see
        :class:`dcat_ros.method.encoders.imu.ImuEncoder`.
    :param regularised: whether the recipe's regularisation is kept, see :class:`Sweep`.
    :param epochs: factor on the recipe's epochs.
    """

    width: float = 1.0
    regularised: bool = True
    epochs: float = 1.0

    @property
    def network(self) -> str:
        """Return the variant without its epochs, such as 'width 0.25, unregularised'."""
        return f'width {self.width:g}' + ', unregularised' * (not self.regularised)

    def __str__(self) -> str:
        return f'{self.network}, epochs × {self.epochs:g}'

    def of(self, recipe: Config) -> Config:
        """Return the variant of a recipe, under a name of its own unless it is the recipe."""
        if self == Variant():
            return recipe
        encoder, fit = dict(recipe.encoder), replace(
            recipe.fit, epochs=recipe.fit.epochs * self.epochs
        )
        if self.width != 1:
            encoder['width'] = self.width
        varied = replace(recipe, name=f'{recipe.name} ({self})', encoder=encoder, fit=fit)
        if self.regularised:
            return varied
        return replace(
            varied,
            augment={},
            dropout=0.0,
            encoder={**encoder, 'dropout': 0.0},
            fit=replace(fit, weight_decay=0.0, label_smoothing=0.0, ema=0.0),
            negatives=Negatives(),
        )


@dataclass(frozen=True)
class Sweep:
    """All combinations of some widths, epochs and regularisations.

    :param widths: factors on the channels of the encoder's convolutions, above 0, at most 16.
    :param epochs: factors on the recipe's epochs, above 0, at most 16.
    :param regularised: `[true, false]` for networks with and without regularisation: augmentation,
        dropout, weight decay, label smoothing, averaged weights and negatives.
    """

    widths: list[float] = field(default_factory=lambda: [1.0])
    epochs: list[float] = field(default_factory=lambda: [1.0])
    regularised: list[bool] = field(default_factory=lambda: [True])

    def __post_init__(self) -> None:
        """Check the values.

        :raises TrainingError: if one is out of its range or occurs twice.
        """
        for name in ('widths', 'epochs'):
            for value in getattr(self, name):
                is_number = isinstance(value, int | float) and not isinstance(value, bool)
                if not is_number or not 0 < value <= MOST:
                    raise TrainingError(
                        f'targets.{name} has {value!r}, expected factors above 0, at most {MOST:g}'
                    )
        for value in self.regularised:
            if not isinstance(value, bool):
                raise TrainingError(f'targets.regularised has {value!r}, expected true or false')
        for name, values in vars(self).items():
            if not values or len(set(values)) < len(values):
                raise TrainingError(f'targets.{name} is {values}, expected different values')

    def __bool__(self) -> bool:
        return self.variants != [Variant()]

    @property
    def variants(self) -> list[Variant]:
        """Return all variants: network by network, epochs rising."""
        return [
            Variant(float(width), regularised, float(epochs))
            for regularised, width, epochs in product(
                self.regularised, sorted(self.widths), sorted(self.epochs)
            )
        ]
