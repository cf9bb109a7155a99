# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A simulated person and three sensors, for demonstrations and tests, without ROS."""

from dcat_ros.simulation.activities import ACTIVITIES
from dcat_ros.simulation.scene import check_activities, Scene, sensor_streams, SensorStream

__all__ = ['ACTIVITIES', 'Scene', 'SensorStream', 'check_activities', 'sensor_streams']
