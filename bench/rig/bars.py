# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a bench demands of its figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Bar(NamedTuple):
    """What is demanded, what was measured, and whether that will do."""

    demand: str
    measured: str
    met: bool

    @classmethod
    def at_most(cls, what: str, ratio: float, most: float) -> Bar:
        """Return the bar for a ratio that may be so much."""
        return cls(f'{what}: at most {most:.2f}', f'{ratio:.2f}', ratio <= most)

    @property
    def outcome(self) -> str:
        """Return in a word whether that will do."""
        return 'met' if self.met else 'MISSED'


def outcomes(bars: Iterable[Bar]) -> list[str]:
    """Return what was measured for each bar, and whether that will do."""
    return [f'{bar.measured} {bar.outcome}' for bar in bars]
