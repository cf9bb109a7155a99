# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Every run has a ROS graph of its own, on this host only."""

import os
from pathlib import Path
import socket

from dcat_ros.nodes.middleware import PROFILES, THIS_HOST_ONLY
import pytest

DOMAINS = 100


def free_domain():
    """Return a domain in which no participant listens (DDSI-RTPS 9.6.2: the first one's port)."""
    for number in range(DOMAINS):
        domain = 1 + (os.getpid() + number) % DOMAINS
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(('127.0.0.1', 7400 + 250 * domain + 10))
            except OSError:
                continue
            return domain
    raise RuntimeError('every ROS_DOMAIN_ID from 1 to 100 is in use on this host')


os.environ |= THIS_HOST_ONLY | {
    'ROS_DOMAIN_ID': str(free_domain()),
    PROFILES: str(Path(__file__).resolve().parents[1] / 'config' / 'fastdds.xml'),
    'OMP_NUM_THREADS': '1',  # test files run side by side, and the networks are tiny
}


@pytest.fixture
def context():
    from rclpy.context import Context

    context = Context()
    context.init()
    yield context
    context.try_shutdown()
