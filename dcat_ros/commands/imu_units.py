# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The units of IMU data, as arguments of the importers."""

from argparse import ArgumentParser

import numpy as np
from numpy.typing import NDArray

ACCELERATION = {'m/s^2': 1.0, 'g': 9.80665, 'mg': 0.00980665}
ANGULAR_VELOCITY = {'rad/s': 1.0, 'deg/s': np.pi / 180}


def add_unit_arguments(
    parser: ArgumentParser, acceleration: str, angular_velocity: str
) -> None:
    """Add ``--acceleration-unit`` and ``--angular-velocity-unit`` with their defaults."""
    for name, units, default in (
        ('acceleration', ACCELERATION, acceleration),
        ('angular velocity', ANGULAR_VELOCITY, angular_velocity),
    ):
        parser.add_argument(
            f'--{name.replace(" ", "-")}-unit', choices=units, default=default,
            help=f'unit of {name} in the files (default: {default})',
        )


def to_si(acceleration_unit: str, angular_velocity_unit: str) -> NDArray[np.float64]:
    """Return the factors, shape (6,), that bring a sample to m/s² and rad/s."""
    factors = ACCELERATION[acceleration_unit], ANGULAR_VELOCITY[angular_velocity_unit]
    return np.repeat(factors, 3)
