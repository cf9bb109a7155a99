# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The shape of a model's windows in time."""

from dataclasses import dataclass

from dcat_ros.modalities.base import NANOSECONDS


@dataclass(frozen=True)
class WindowSpec:
    """What a model sees at once.

    :param duration: length in s.
    :param rate: samples per second that the model sees, whatever the sensor sends.
    :param stride: s from one window's end to the next one's.
    :param max_gap: s without a sample after which a window may not span the hole.
    """

    duration: float
    rate: float
    stride: float
    max_gap: float

    def __post_init__(self) -> None:
        """Check the values.

        :raises ValueError: if one is not positive, or the window holds fewer than two samples.
        """
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f'window {name} is {value}, expected more than 0')
        if self.size < 2:
            raise ValueError(
                f'window of {self.duration} s at {self.rate} Hz holds fewer than two samples: '
                'raise duration or rate'
            )

    @property
    def size(self) -> int:
        """Return the number of samples in one window."""
        return round(self.duration * self.rate)

    @property
    def span(self) -> int:
        """Nanoseconds from the window's first sample to its last."""
        return round((self.size - 1) * NANOSECONDS / self.rate)
