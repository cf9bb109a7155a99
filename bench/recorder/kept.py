# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What of the published is in a bag."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bench.recorder.load import number_of, Stream
from dcat_ros.bags.reader import BagReader


class Kept(NamedTuple):
    """Of one sensor: different messages in the bag, and how many are not as published."""

    messages: int
    altered: int


def kept(bag: Path, load: dict[str, Stream], seconds: float, origin: int) -> dict[str, Kept]:
    """Count what a bag holds of each sensor's messages.

    :param seconds: for which they were published.
    :param origin: stamp of the first ones, ns.
    """
    with BagReader(bag) as reader:
        return {
            sensor: _kept(
                (data for _, data, _ in reader.raw([stream.topic])),
                stream, stream.count(seconds), origin,
            ) if stream.topic in reader.topics else Kept(0, 0)
            for sensor, stream in load.items()
        }


def _kept(recorded: Iterable[bytes], stream: Stream, published: int, origin: int) -> Kept:
    numbers, altered = set(), 0
    for data in recorded:
        number = number_of(data)
        if number < published:
            numbers.add(number)
        altered += number >= published or data != stream.serialised(number, origin)
    return Kept(len(numbers), altered)
