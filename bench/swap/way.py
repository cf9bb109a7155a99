# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A way to recognise, and how the answers tell of it."""

from __future__ import annotations

from typing import NamedTuple


class Way(NamedTuple):
    """A parameter's value, and what then marks the answers.

    ``frame``: the sensor's frame_id. ``classes``: how many there are.
    """

    parameter: str
    value: str
    frame: str
    classes: int
