# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What every modality has: a decoder, resampling and features."""

from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

NANOSECONDS = 1_000_000_000


class Samples(NamedTuple):
    """Stamped samples of one sensor, oldest first.

    ``stamps``: int64 (n,), nanoseconds, rising. ``values``: float32 (n, ...), in the modality's
    units.
    """

    stamps: NDArray[np.int64]
    values: NDArray[np.float32]


class DecodeError(ValueError):
    """A message that cannot be decoded.

    :param text: names the field and the remedy.
    :param cause: two or three words, by which errors are counted.
    """

    def __init__(self, text: str, cause: str = 'malformed') -> None:
        super().__init__(text)
        self.cause = cause


class ImplausibleError(DecodeError):
    """A message that can be decoded, but of a sensor that delivers nothing useful."""


class Decoder(Protocol):
    """Decodes the messages of one stream to samples; may keep state between messages."""

    def decode(self, message: Any) -> Samples | None:
        """Return the message's samples, or None if none are to be taken.

        None is for a message that only describes the stream, or follows another one too soon.

        :raises DecodeError: if the message is malformed or of an unsupported format.
        """


class Check(Protocol):
    """Judges by its samples whether a sensor is what its modality expects."""

    @property
    def problem(self) -> str:
        """Return what is wrong, the value and the remedy in a sentence, empty if nothing is."""

    def add(self, samples: Samples) -> None:
        """Take further samples into account; they are finite, and newer than all before."""


class NoCheck:
    """Finds nothing wrong, for a modality without a check of its own."""

    problem: str = ''

    def add(self, samples: Samples) -> None:
        """Do nothing."""


class Modality(Protocol):
    """A kind of sensor; its dataclass fields are the feature settings, which bundles store.

    ``topic`` (relative) carries samples as one of ``message_types``. ``info`` maps topics that
    only describe them to message types. ``latest_only``: whether only the newest of the messages
    that wait to be decoded matters.
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

    def decoder(self, given: Any = None) -> Decoder:
        """Return a decoder for one stream.

        :param given: the stream's format, see ``dcat_ros.modalities.FORMATS``.
        """

    def check(self) -> Check:
        """Return a check for one stream."""

    def resample(self, samples: Samples, end: int, rate: float, size: int) -> NDArray[np.float32]:
        """Return values (size, ...) at ``rate`` Hz, the last one at ``end`` ns."""

    def features(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the model input of one resampled window."""


def stamp_of(header: Any) -> int:
    """Return the stamp of a std_msgs/Header in nanoseconds.

    :raises DecodeError: if the driver set no stamp (it is 0), or nanosec is out of range.
    """
    stamp = header.stamp
    if stamp.sec == 0 and stamp.nanosec == 0:
        raise DecodeError('header.stamp is 0: let the driver stamp its messages')
    if not 0 <= stamp.nanosec < NANOSECONDS:
        raise DecodeError(f'header.stamp.nanosec is {stamp.nanosec}, expected 0 to 999999999')
    return int(stamp.sec) * NANOSECONDS + int(stamp.nanosec)


def native_rate(stamps: NDArray[np.int64]) -> float:
    """Return the rate in Hz that the median period gives, 0.0 for fewer than two stamps."""
    if len(stamps) < 2:
        return 0.0
    return NANOSECONDS / max(float(np.median(np.diff(stamps))), 1.0)


def nearest(stamps: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the index of the stamp nearest to each time, for two or more rising stamps."""
    after = np.clip(np.searchsorted(stamps, times), 1, len(stamps) - 1)
    return after - (times - stamps[after - 1] <= stamps[after] - times)
