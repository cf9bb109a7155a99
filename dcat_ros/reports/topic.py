# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Everything that the report knows about one topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dcat_ros.modalities import MODALITIES
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.reports import limits
from dcat_ros.reports.log import TopicLog
from dcat_ros.reports.stamp_statistics import (
    count_disorder,
    count_missing,
    find_gaps,
    median_period,
    overlap,
    steps_within,
    Times,
)
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Span:
    """The time that a report covers.

    :param start: bag time of the first message, ns.
    :param duration: ns to just after the last message.
    :param stretches: (n, 2) ns since `start`: where sensors are expected to send.
    :param labelled: (n, 2) ns since `start`.
    """

    start: int
    duration: int
    stretches: Times
    labelled: Times

    @property
    def rate_bins(self) -> int:
        """Return the number of equal bins over which rates are averaged."""
        seconds = (self.duration - 1) / NANOSECONDS
        return int(np.clip(seconds / limits.RATE_BIN, 1, limits.RATE_POINTS))


@dataclass(frozen=True)
class Topic:
    """One topic's numbers; times in s, bag times in ns. None is what nobody knows.

    :param name: with its leading slash.
    :param msgtype: as in `sensor_msgs/msg/Imu`; empty where the bag does not have the topic.
    :param sensor: name of the sensor, that of its modality unless it has its own; or empty.
    :param modality: `imu`, `camera`, `audio`, ..., or empty.
    :param stamped_by: `header` or `arrival`.
    :param written: messages in the file.
    :param received: as the recorder counted, before any was dropped.
    :param dropped: as the recorder counted.
    :param claimed: messages that the recorder says it wrote.
    :param malformed: messages whose bytes are no message of the type.
    :param bytes: sum of the serialised messages.
    :param first: bag time of the first readable message.
    :param last: bag time of the last one.
    :param period: median time between messages by their stamps; None where it is irregular.
    :param jitter: 95 % of the steps outside gaps differ from the period by no more.
    :param gaps: (n, 2) ns since the bag's start: holes longer than limits.GAP_PERIODS periods.
    :param gap_share: part of the labelled time (of all time without labels) that they cover.
    :param missing: estimated number of messages lost between the first and the last.
    :param out_of_order: stamps below the newest before them, by a second at most.
    :param repeated: stamps equal to the newest before them.
    :param jumps_back: stamps below it by more than a second.
    :param unstamped: stamps of zero.
    :param age_median: from stamp to arrival; negative where stamps run ahead.
    :param age_worst: the one farthest from zero.
    :param aged: part of the messages whose age exceeds limits.AGE.
    :param rates: Hz by arrival in each of the equal bins that the bag's time is cut into.
    """

    name: str
    msgtype: str
    sensor: str
    modality: str
    stamped_by: str
    written: int
    received: int | None
    dropped: int | None
    claimed: int | None
    malformed: int
    bytes: int
    first: int | None
    last: int | None
    period: float | None
    jitter: float | None
    gaps: Times
    gap_share: float
    missing: int | None
    out_of_order: int
    repeated: int
    jumps_back: int
    unstamped: int
    age_median: float | None
    age_worst: float | None
    aged: float
    rates: NDArray[np.float64]

    @property
    def has_named_sensor(self) -> bool:
        """Whether it is of a sensor that has a name of its own."""
        return self.sensor != self.modality

    @property
    def title(self) -> str:
        """Return the topic's name, with that of a sensor that has its own."""
        return f'{self.sensor} ({self.name})' if self.has_named_sensor else self.name

    @property
    def gap_seconds(self) -> float:
        """Total length of the gaps, s."""
        return float(np.diff(self.gaps).sum()) / NANOSECONDS

    @property
    def rate(self) -> float | None:
        """Hz, by the median period."""
        return 1.0 / self.period if self.period else None


def sensor_of(msgtype: str, recorded: dict[str, Any]) -> tuple[str, str]:
    """Return name and modality of the sensor on a topic of a type, empty for other topics.

    The modality is one that reads the type; where none does, or several do, it is as the recorder
    says.
    """
    name = str(recorded.get('sensor', ''))
    noted = str(recorded.get('modality') or name)
    known = [each for each, kind in MODALITIES.items() if msgtype in kind.message_types]
    modality = known[0] if known and noted not in known else noted
    return (modality if name in ('', *MODALITIES) else name), modality


def describe(log: TopicLog, span: Span, recorded: dict[str, Any]) -> Topic:
    """Work out one topic's numbers.

    Gaps lie where the stamps have them, at the time at which those stamps usually arrive; by
    arrival where there are no stamps, or stamps that jump back.

    :param recorded: what the recorder says of the topic; may be empty.
    """
    sensor, modality = sensor_of(log.msgtype, recorded)
    arrivals, stamps = log.arrivals, log.stamps
    stamped = stamps != 0
    stamps = stamps[stamped]
    order = count_disorder(stamps.tolist())
    ages = arrivals[stamped] - stamps
    by_stamp = log.has_header and len(stamps) > 0 and not order.jumps_back
    shift = int(np.median(ages)) if by_stamp else 0
    times = np.unique(stamps + shift if by_stamp else arrivals) - span.start
    period = median_period(times, 1 if by_stamp else limits.BURST)
    steps = steps_within(times, span.stretches)
    limit = max(limits.GAP_PERIODS * (period or 0.0), limits.GAP_FLOOR * NANOSECONDS)
    regular = bool(sensor) or _is_regular(steps, period)
    gaps = find_gaps(times, limit, span.stretches) if regular else np.empty((0, 2), np.int64)
    within = span.labelled if len(span.labelled) else span.stretches
    close = np.abs(steps[steps <= limit] - (period or 0.0))
    measured = log.has_header and len(stamps) > 0
    return Topic(
        name=log.topic,
        msgtype=log.msgtype,
        sensor=sensor,
        modality=modality,
        stamped_by='header' if log.has_header else 'arrival',
        written=log.count,
        received=recorded.get('received'),
        dropped=recorded.get('dropped'),
        claimed=recorded.get('written'),
        malformed=log.malformed,
        bytes=log.bytes,
        first=int(arrivals[0]) if len(arrivals) else None,
        last=int(arrivals[-1]) if len(arrivals) else None,
        period=period / NANOSECONDS if period and regular else None,
        jitter=float(np.percentile(close, 95)) / NANOSECONDS if regular and len(close) else None,
        gaps=gaps,
        gap_share=overlap(gaps, within) / max(int(np.diff(within).sum()), 1),
        missing=count_missing(steps, period) if period and regular else None,
        out_of_order=order.out_of_order if log.has_header else 0,
        repeated=order.repeated if log.has_header else 0,
        jumps_back=order.jumps_back if log.has_header else 0,
        unstamped=int((~stamped).sum()),
        age_median=float(np.median(ages)) / NANOSECONDS if measured else None,
        age_worst=float(ages[np.abs(ages).argmax()]) / NANOSECONDS if measured else None,
        aged=float(np.mean(np.abs(ages) > limits.AGE * NANOSECONDS)) if measured else 0.0,
        rates=_rates(arrivals - span.start, span),
    )


def _rates(since: Times, span: Span) -> NDArray[np.float64]:
    """Return the rate in each bin of arrivals, given in ns since the start.

    A bag shorter than a second counts as a second.
    """
    length = max(span.duration - 1, NANOSECONDS)
    bins = np.clip(since * span.rate_bins // length, 0, span.rate_bins - 1)
    counts = np.bincount(bins, minlength=span.rate_bins).astype(np.float64)
    return counts * (span.rate_bins * NANOSECONDS / length)


def _is_regular(steps: Times, period: float | None) -> bool:
    if period is None or period > limits.SLOW * NANOSECONDS or len(steps) < limits.FEW:
        return False
    low, high = np.percentile(steps, [25, 75])
    return bool(high - low < limits.REGULAR * period)
