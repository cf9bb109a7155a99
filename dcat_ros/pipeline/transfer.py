# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a transfer did, for manifest and model card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Against:
    """The method less another row, on the same test clips and seeds.

    :param name: of the other row.
    :param macro_f1: of the other row, a seed each.
    :param mean: difference, with its 95 % interval and p of a paired t-test over seeds; None for
        a single seed.
    """

    name: str
    macro_f1: list[float]
    mean: float
    low: float | None
    high: float | None
    p: float | None


@dataclass(frozen=True)
class Transfer:
    """Who taught a network, how, and with what success.

    :param sources: weight by recipe.
    :param weight: λ.
    :param windows: numbers of training windows by kind.
    """

    method: str
    sources: Mapping[str, float]
    pairing: str
    weight: float
    windows: Mapping[str, int]
    comparisons: list[Against]

    @property
    def teachers(self) -> str:
        """Return the sources in words."""
        return ' and '.join(f'`{name}`' for name in self.sources)

    @property
    def options(self) -> str:
        """Return the options of ``dcat train``."""
        named = [
            name if weight == 1 else f'{name}={weight:g}' for name, weight in self.sources.items()
        ]
        return f'--source {" ".join(named)} --method {self.method}'

    @property
    def record(self) -> dict[str, Any]:
        """Return what the manifest keeps."""
        return asdict(self)
