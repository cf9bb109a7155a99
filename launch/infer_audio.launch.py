# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognise activities from a microphone, by a bundle of your own: none is shipped."""

from dcat_ros.launching import inference
from launch import LaunchDescription


def generate_launch_description() -> LaunchDescription:
    """Return the inference node on a microphone."""
    return inference('audio')
