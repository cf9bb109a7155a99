# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Participants of the bench that are discovered at once."""

from __future__ import annotations

import os
from pathlib import Path

from dcat_ros.nodes.common.middleware import PROFILES


def announce_often() -> None:
    """Let this process announce itself ten times a second; to be called before `rclpy.init`.

    By Fast DDS's default it does so every 3 s, and where the loopback interface has no multicast,
    as usual, a node that starts waits for that.
    """
    os.environ[PROFILES] = str(Path(__file__).with_name('announcing.xml'))
