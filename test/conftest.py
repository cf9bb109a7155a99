"""Every run has a ROS graph of its own, on this host only."""

import os
from pathlib import Path

import pytest

os.environ['ROS_DOMAIN_ID'] = str(1 + os.getpid() % 100)
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
os.environ['FASTDDS_DEFAULT_PROFILES_FILE'] = str(
    Path(__file__).resolve().parents[1] / 'config' / 'fastdds.xml'
)


@pytest.fixture
def context():
    from rclpy.context import Context

    context = Context()
    context.init()
    yield context
    context.try_shutdown()
