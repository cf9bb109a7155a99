# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A simulated person before three sensors: for demonstrations and tests, without ROS."""

from dcat_ros.simulation.activities import ACTIVITIES
from dcat_ros.simulation.scene import check_activities, Scene

__all__ = ['ACTIVITIES', 'Scene', 'check_activities']
