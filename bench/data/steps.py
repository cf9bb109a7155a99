# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The steps of a fit, by when it asked for its batches."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

WARM_UP = 10
"""Steps at a fit's beginning that are left out."""


class Moment(NamedTuple):
    """When a batch was asked for, and when it was there, in s."""

    asked: float
    given: float


class Step(NamedTuple):
    """Seconds waited for a step's batch, and seconds from asking for it to asking for the next."""

    waited: float
    lasted: float


def steps_of(runs: Sequence[Sequence[Moment]], left_out: int = WARM_UP) -> list[Step]:
    """Return the steps of some passes over a loader; what lies between passes belongs to none.

    :param left_out: number of steps at the beginning that do not count.
    """
    steps = [
        Step(this.given - this.asked, after.asked - this.asked)
        for run in runs for this, after in pairwise(run)
    ]
    return steps[left_out:]
