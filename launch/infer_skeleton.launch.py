# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognise activities from a skeleton."""

from dcat_ros.launching import inference
from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Return the inference node on skeletons."""
    return inference('skeleton')
