# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Every run has a ROS graph of its own, on this host only."""

import os

from bench.common.graph import isolate
import pytest

isolate()
os.environ['OMP_NUM_THREADS'] = '1'  # test files run side by side, and the networks are tiny


@pytest.fixture
def context():
    from rclpy.context import Context

    context = Context()
    context.init()
    yield context
    context.try_shutdown()
