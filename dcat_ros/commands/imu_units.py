# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The units of IMU data, as arguments of the importers."""

from argparse import ArgumentParser

from dcat_ros.modalities.imu import ACCELERATION_UNITS, ANGULAR_VELOCITY_UNITS
import numpy as np
from numpy.typing import NDArray


def add_unit_arguments(
    parser: ArgumentParser, acceleration: str, angular_velocity: str
) -> None:
    """Add ``--acceleration-unit`` and ``--angular-velocity-unit`` with their defaults."""
    for name, units, default in (
        ('acceleration', ACCELERATION_UNITS, acceleration),
        ('angular velocity', ANGULAR_VELOCITY_UNITS, angular_velocity),
    ):
        parser.add_argument(
            f'--{name.replace(" ", "-")}-unit', choices=units, default=default,
            help=f'unit of {name} in the files (default: {default})',
        )


def to_si(acceleration_unit: str, angular_velocity_unit: str) -> NDArray[np.float64]:
    """Return the factors, shape (6,), that bring a sample to m/s² and rad/s."""
    factors = ACCELERATION_UNITS[acceleration_unit], ANGULAR_VELOCITY_UNITS[angular_velocity_unit]
    return np.repeat(factors, 3)
