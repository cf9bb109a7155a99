# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Record sensors and labels as bags to train from."""

from dcat_ros.launching import recorder
from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Return the recorder node."""
    return recorder()
