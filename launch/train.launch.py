# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Train a bundle from bags, at once where bags and target are given."""

from dcat_ros.launching import trainer
from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Return the trainer node."""
    return trainer()
