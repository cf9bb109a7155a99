# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What an operator may change while recognition runs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Settings that hold for every sensor.

    :param stride: s between answers, 0 for the bundle's own.
    :param threshold: score below which the answer is unknown, negative for the bundle's own.
    :param smoothing: weight of past windows, 0 (none) to below 1.
    :param stale_timeout: s after which a sample, or a silent sensor, counts no more.
    :param return_delay: s that a sensor which failed must deliver before it is used again.
    """

    stride: float
    threshold: float
    smoothing: float
    stale_timeout: float
    return_delay: float
