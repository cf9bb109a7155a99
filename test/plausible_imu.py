# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Samples that an IMU may deliver."""

import numpy as np

AT_REST = np.array([0.0, 0.0, 9.80665, 0.0, 0.0, 0.0])


def sample(level=0.0):
    """Return acceleration and angular velocity (6,): gravity, and as much more as the level."""
    return AT_REST + level * np.array([1.0, 1.0, 1.0, 0.5, 0.5, 0.5])
