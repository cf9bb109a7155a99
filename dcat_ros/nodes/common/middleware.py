# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Environment variables of the middleware, whose names differ between releases of ROS 2."""

import os

# Fast DDS renamed the variable in version 3, which came with Kilted and warns of the old name.
PROFILES = (
    'FASTRTPS_DEFAULT_PROFILES_FILE'
    if os.environ.get('ROS_DISTRO') in ('humble', 'jazzy')
    else 'FASTDDS_DEFAULT_PROFILES_FILE'
)
THIS_HOST_ONLY = (
    {'ROS_LOCALHOST_ONLY': '1'}
    if os.environ.get('ROS_DISTRO') == 'humble'
    else {'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}
)
