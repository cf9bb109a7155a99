# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Length, rate and spacing of a model's windows."""

from dataclasses import dataclass

from dcat_ros.modalities.base import NANOSECONDS


@dataclass(frozen=True)
class WindowSpec:
    """The window settings of a model.

    :param duration: length in s.
    :param rate: samples per second in a window, whatever the rate of the sensor.
    :param stride: s from the end of one window to the end of the next.
    :param max_gap: longest time in s between two samples of one window.
    :raises ValueError: if a value is not positive, or a window holds fewer than two samples.
    """

    duration: float
    rate: float
    stride: float
    max_gap: float

    def __post_init__(self) -> None:
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
        """Number of samples in a window."""
        return round(self.duration * self.rate)

    @property
    def span(self) -> int:
        """Nanoseconds from the first sample of a window to the last."""
        return round((self.size - 1) * NANOSECONDS / self.rate)
