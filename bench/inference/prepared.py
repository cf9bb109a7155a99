# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A bundle's weights for a hand-written node, made in a process of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from bench.rig.process import running


class Prepared(NamedTuple):
    """The hand-written node's checkpoint, and what its author knows.

    ``every``: messages from one answer to the next. ``window``: s. ``difference``: the most by
    which a logit differs from the bundle's.
    """

    path: Path
    every: int
    window: float
    difference: float


def prepared(bundle: str, rate: int, folder: Path) -> Prepared:
    """Write the checkpoint of a bundle.

    :param rate: of the sensor, messages per second.
    :raises Failed: if it is not the bundle's network.
    """
    path = folder / f'{bundle}.pt'
    arguments = [bundle, str(rate), str(path)]
    with running('bench.inference.prepare', arguments, folder) as process:
        return Prepared(path, **json.loads(process.finish()))
