# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Whether the sensors of a bag are what their modalities expect, by stretches of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.sensors import modalities_in
from dcat_ros.bags.windows import topics_of
from dcat_ros.modalities import create_lenient, DecodeError, Modality
from dcat_ros.modalities.base import ImplausibleError, NANOSECONDS
import numpy as np

STRETCHES = 12
"""Stretches that are judged at most, evenly spread over a bag."""
LENGTH = 8 * NANOSECONDS
"""Length of each."""
PICTURE_PERIOD = NANOSECONDS // 4
"""Time between two messages that are looked at, of a sensor of which only the latest matters."""
LATEST = 2**63 - 1
"""ns, the latest bag time that can be asked for."""
MOST_MESSAGES = 2000
"""Messages of a stretch that are looked at."""


def implausible(reader: BagReader) -> dict[str, str]:
    """Return for each sensor topic that is not what its modality expects the reason.

    Half of the stretches that could be judged must agree; a light that was off for a moment does
    not count. What cannot be read at all is not judged here, nor are depth images.
    """
    reasons = {}
    for name, modality_name in modalities_in(reader).items():
        modality = create_lenient(modality_name)
        try:
            topic, *infos = topics_of(reader, modality, name)
            problems = _problems(reader, modality, topic, infos)
        except BagError:
            continue
        problem, count = problems.most_common(1)[0] if problems else ('', 0)
        if problem and 2 * count >= problems.total():
            reasons[topic] = problem
    return reasons


def _problems(
    reader: BagReader, modality: Modality, topic: str, infos: list[str]
) -> Counter[str]:
    """Return how many stretches have which problem, by its words without figures."""
    descriptions = [
        message for info in infos for _, message, _ in reader.messages([info])
    ][:1]
    sentences: dict[str, str] = {}
    found: Counter[str] = Counter()
    span = max(reader.end - LENGTH - reader.start, 0)
    stretches = min(STRETCHES, 2 + span // LENGTH)
    if max(reader.start, reader.end) + LENGTH > LATEST:
        return Counter()  # no message, or a clock that no sensor has
    for number in range(stretches):
        start = reader.start + number * span // (stretches - 1)
        problem = _judged(reader, modality, topic, descriptions, start)
        if problem is not None:
            words = ''.join(letter for letter in problem if not letter.isdigit())
            found[words] += 1
            sentences.setdefault(words, problem)
    return Counter({sentences[words]: count for words, count in found.items()})


def _judged(
    reader: BagReader, modality: Modality, topic: str, descriptions: list[Any], start: int
) -> str | None:
    """Return the problem of a stretch, empty for none; None if it has no sample."""
    decoder, check = modality.decoder(), modality.check()
    is_empty, problem, latest = True, '', start - PICTURE_PERIOD
    for message in descriptions:
        decoder.decode(message)
    for count, (_, data, time) in enumerate(reader.raw([topic], start, start + LENGTH)):
        if count == MOST_MESSAGES:
            break
        if modality.latest_only and time < latest + PICTURE_PERIOD:
            continue
        latest = time
        try:
            samples = decoder.decode(reader.deserialize(topic, data))
        except ImplausibleError as error:
            is_empty, problem = False, str(error)
            continue
        except DecodeError:
            continue
        if samples is not None and np.isfinite(samples.values).all():
            check.add(samples)
            is_empty, problem = False, ''
    return None if is_empty else problem or check.problem
