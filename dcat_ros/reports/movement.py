# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How much moves at which time, as each sensor of a bag sees it, from some minutes of the bag."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.windows import topics_of
from dcat_ros.modalities import create, DecodeError, Modality, Samples
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.modalities.images.pixels import pixels
from dcat_ros.reports.log import TopicLog
from dcat_ros.reports.sensors import first_message, sensors_in
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Times = NDArray[np.int64]
Amounts = Iterator[tuple[Times, Numbers]]

STRETCH = 24 * NANOSECONDS
MOST_STRETCHES = 12
"""Stretches that are read, evenly spread over those in which two sensors have messages."""
PICTURE_PERIOD = NANOSECONDS // 20
"""Least time between two messages that are decoded, if only the latest of a sensor matters."""
PIECE = NANOSECONDS // 200
"""Length of the pieces of sound whose loudness is measured."""
LONGEST_STEP = 0.3
"""s between two samples over which a movement is measured."""


class Movement(NamedTuple):
    """What one sensor saw move.

    ``sensor``: its name. ``modality``: its modality. ``times``: int64 (n,), ns, rising, by header
    stamps. ``amounts``: float64 (n,); of an IMU its angular velocity in rad/s, which depends less
    on the limb than acceleration; of a camera the mean change of a pixel a second; of a skeleton
    the mean speed of the joints in m/s; of a microphone the power of the sound.
    """

    sensor: str
    modality: str
    times: Times
    amounts: Numbers


class _Kind(NamedTuple):
    """``amounts``: gives times and amounts of samples. ``floor``: an amount that is nothing."""

    amounts: Callable[[Iterator[Samples]], Amounts]
    floor: float


def read_movements(reader: BagReader, logs: Mapping[str, TopicLog]) -> dict[str, Movement]:
    """Return the movement that each sensor saw, by its topic.

    Sensors that cannot be read are left out, and bags with fewer than two sensors give nothing.

    :param logs: of the messages of each topic.
    """
    sensors = {}
    for name, modality, _ in sensors_in(reader):
        if modality.name not in KINDS:
            continue
        try:
            topic, *infos = topics_of(reader, modality, name)
        except BagError:
            continue
        sensors[topic] = (name, modality, infos)
    chosen = _stretches([logs[topic].distinct for topic in sensors])
    found = {}
    for topic, (name, modality, infos) in sensors.items():
        samples = _samples(reader, modality, logs[topic], infos, chosen)
        parts = list(KINDS[modality.name].amounts(samples))
        if parts:
            times, amounts = (np.concatenate(column) for column in zip(*parts, strict=True))
            rising = np.unique(times, return_index=True)
            found[topic] = Movement(name, modality.name, rising[0], amounts[rising[1]])
    return found


def _stretches(stamps: Sequence[Times]) -> list[tuple[int, int]]:
    """Return start and end (ns) of the stretches to read, by stamps (n,) of each sensor."""
    cells, counts = np.unique(
        np.concatenate([np.empty(0, np.int64), *(np.unique(each // STRETCH) for each in stamps)]),
        return_counts=True,
    )
    shared = cells[counts > 1]
    most = min(MOST_STRETCHES, len(shared))
    chosen = shared[np.linspace(0, len(shared) - 1, most).astype(int)]
    return [(cell * STRETCH, (cell + 1) * STRETCH) for cell in chosen.tolist()]


def _samples(
    reader: BagReader,
    modality: Modality,
    log: TopicLog,
    infos: Sequence[str],
    stretches: Sequence[tuple[int, int]],
) -> Iterator[Samples]:
    """Yield the decoded samples of one sensor within stretches of its stamps.

    Messages that cannot be decoded are left out.
    """
    stamps, arrivals = log.stamps, log.arrivals
    firsts = (first_message(reader, info) for info in infos)
    descriptions = [message for message in firsts if message is not None]
    for start, end in stretches:
        inside = arrivals[(start <= stamps) & (stamps < end)]
        if not len(inside) or np.ptp(inside) > 2 * STRETCH:
            continue  # nothing, or stamps that do not follow the bag's time
        decoder, latest = None, int(inside[0]) - PICTURE_PERIOD
        for _, data, arrival in reader.raw([log.topic], int(inside[0]), int(inside[-1]) + 1):
            if modality.latest_only and arrival < latest + PICTURE_PERIOD:
                continue
            latest = arrival
            try:
                message = reader.deserialize(log.topic, data)
                decoder = decoder or _decoder(modality, message, descriptions)
                samples = decoder.decode(message)
            except DecodeError:
                continue
            if samples is not None and np.isfinite(samples.values).all():
                yield samples


def _decoder(modality: Modality, message: Any, descriptions: Sequence[Any]) -> Any:
    """Return a decoder for messages such as the given one; of a camera for grey or for depth."""
    if modality.name == 'camera' and pixels(message).dtype != np.uint8:
        modality = create('camera', {'kind': 'depth'})
    decoder = modality.decoder()
    for description in descriptions:
        decoder.decode(description)
    return decoder


def _turning(samples: Iterator[Samples]) -> Amounts:
    for stamps, values in samples:
        yield stamps, np.linalg.norm(values[:, 3:].astype(np.float64), axis=1)


def _changes(
    samples: Iterator[Samples], between: Callable[[NDArray, NDArray], float]
) -> Amounts:
    """Yield the change a second of each sample from the one before, at the time between them."""
    before: tuple[int, NDArray] | None = None
    for stamps, values in samples:
        for stamp, value in zip(stamps.tolist(), values, strict=True):
            step = (stamp - before[0]) / NANOSECONDS if before else 0.0
            if before and 0 < step < LONGEST_STEP:
                times = np.array([(before[0] + stamp) // 2], np.int64)
                yield times, np.array([between(before[1], value) / step])
            before = stamp, value.copy()


def _pixels(samples: Iterator[Samples]) -> Amounts:
    """Take a large step of depth for one of 0.3 m, so that noise at an edge counts little."""
    return _changes(
        samples, lambda before, now: float(np.minimum(np.abs(now - before), 0.3).mean())
    )


def _joints(samples: Iterator[Samples]) -> Amounts:
    return _changes(samples, _joint_distance)


def _joint_distance(before: NDArray, now: NDArray) -> float:
    """Return the mean distance between two poses (13, 4) of the joints that both show."""
    seen = (before[:, 3] > 0) & (now[:, 3] > 0)
    distances = np.linalg.norm(now[seen, :3] - before[seen, :3], axis=1)
    return float(distances.mean()) if len(distances) else 0.0


def _power(samples: Iterator[Samples]) -> Amounts:
    for stamps, values in samples:
        length = (int(stamps[-1]) - int(stamps[0])) / max(len(stamps) - 1, 1)
        size = max(round(PIECE / length), 1) if length else 1
        count = len(stamps) // size
        shape = count, size
        if count:
            pieces = values[:count * size].reshape(shape).astype(np.float64)
            middle = stamps[size // 2:count * size:size]
            yield middle, (pieces**2).mean(axis=1)


KINDS = {
    'imu': _Kind(_turning, 0.05),
    'camera': _Kind(_pixels, 0.002),
    'skeleton': _Kind(_joints, 0.02),
    'audio': _Kind(_power, 1e-6),
}
