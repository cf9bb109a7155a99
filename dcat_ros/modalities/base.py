# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What every sensor modality offers to the rooms below: decode, resample, features."""

from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

NANOSECONDS = 1_000_000_000


class Samples(NamedTuple):
    """Stamped samples of one sensor in the order they were taken.

    ``stamps``: int64 (n,), nanoseconds, rising. ``values``: float32 (n, ...), units of the
    modality.
    """

    stamps: NDArray[np.int64]
    values: NDArray[np.float32]


class DecodeError(ValueError):
    """A message that no sample can be had from.

    :param text: names the field and the remedy.
    :param cause: in a word or two, for counting.
    """

    def __init__(self, text: str, cause: str = 'malformed') -> None:
        super().__init__(text)
        self.cause = cause


class Decoder(Protocol):
    """Turns messages of one stream into samples; may remember what earlier messages said."""

    def decode(self, message: Any) -> Samples | None:
        """Return the message's samples, or None where it only describes the stream.

        :raises DecodeError: if the message is malformed or of an unsupported format.
        """


class Modality(Protocol):
    """A kind of sensor; its dataclass fields are the feature settings kept in a bundle.

    ``topic`` (relative) carries samples as one of ``message_types``; ``info`` names the topics
    that only describe them, with their types. ``latest_only`` tells that a message makes an older
    one that still waits to be decoded worthless.
    """

    __dataclass_fields__: ClassVar[dict[str, Any]]
    name: ClassVar[str]
    topic: ClassVar[str]
    message_types: ClassVar[tuple[str, ...]]
    info: ClassVar[dict[str, str]]
    latest_only: ClassVar[bool]

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Return the shape of one decoded sample."""

    def decoder(self) -> Decoder:
        """Return a decoder for one stream."""

    def resample(self, samples: Samples, end: int, rate: float, size: int) -> NDArray[np.float32]:
        """Return ``size`` values (size, ...) at ``rate`` Hz, the last one at ``end`` ns."""

    def features(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the model input of one resampled window."""


def stamp_of(header: Any) -> int:
    """Return a std_msgs/Header's stamp in nanoseconds.

    :raises DecodeError: if the stamp is zero, as drivers leave it that do not stamp, or its
        nanoseconds are out of range.
    """
    stamp = header.stamp
    if stamp.sec == 0 and stamp.nanosec == 0:
        raise DecodeError('header.stamp is 0: let the driver stamp its messages')
    if not 0 <= stamp.nanosec < NANOSECONDS:
        raise DecodeError(f'header.stamp.nanosec is {stamp.nanosec}, expected 0 to 999999999')
    return int(stamp.sec) * NANOSECONDS + int(stamp.nanosec)


def native_rate(stamps: NDArray[np.int64]) -> float:
    """Return the samples' rate in Hz as their stamps tell it (0.0 for fewer than two)."""
    if len(stamps) < 2:
        return 0.0
    return NANOSECONDS / max(float(np.median(np.diff(stamps))), 1.0)


def nearest(stamps: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the index of the sample nearest to each time; at least two rising stamps."""
    after = np.clip(np.searchsorted(stamps, times), 1, len(stamps) - 1)
    return after - (times - stamps[after - 1] <= stamps[after] - times)
