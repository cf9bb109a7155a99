# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The topic of each sensor: its type and name, and how tutorials subscribe to it."""

from __future__ import annotations

from rclpy.qos import qos_profile_sensor_data, QoSProfile
from sensor_msgs.msg import Image, Imu

TOPICS = {
    'imu': (Imu, 'imu/data', QoSProfile(depth=10)),
    'camera': (Image, 'camera/image_raw', qos_profile_sensor_data),
}
