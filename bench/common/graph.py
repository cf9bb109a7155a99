# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Isolate the ROS graph of a bench or of a test run from all others on this host."""

from __future__ import annotations

import os
from pathlib import Path
import socket

from dcat_ros.nodes.common.middleware import PROFILES, THIS_HOST_ONLY

DOMAINS = 100
CONFIG = Path(__file__).resolve().parents[2] / 'config'


def free_domain() -> int:
    """Return a ROS domain whose first port (DDSI-RTPS 9.6.2) is free.

    :raises OSError: when no domain is free.
    """
    for number in range(DOMAINS):
        domain = 1 + (os.getpid() + number) % DOMAINS
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(('127.0.0.1', 7400 + 250 * domain + 10))
            except OSError:
                continue
            return domain
    raise OSError(f'every ROS_DOMAIN_ID from 1 to {DOMAINS} is in use on this host')


def isolate() -> None:
    """Give all processes started from now on a free domain and the shipped DDS profile.

    :raises OSError: when no domain is free.
    """
    os.environ |= THIS_HOST_ONLY | {
        'ROS_DOMAIN_ID': str(free_domain()),
        PROFILES: str(CONFIG / 'fastdds.xml'),
    }
