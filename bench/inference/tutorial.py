# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Subscriptions and spinning as in the tutorials of rclpy."""

from __future__ import annotations

from collections.abc import Callable

import rclpy
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data, QoSProfile
from sensor_msgs.msg import Image, Imu

TOPICS = {
    'imu': (Imu, 'imu/data', QoSProfile(depth=10)),
    'camera': (Image, 'camera/image_raw', qos_profile_sensor_data),
}
"""Message type, topic and QoS of each sensor."""


def spin(create: Callable[[], Node]) -> int:
    """Create a node and spin it until Ctrl-C; return the exit status.

    Like ``rclpy.spin``, which may miss the signal for ever, but it wakes up every second.
    """
    rclpy.init()
    node = create()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        while rclpy.ok():
            executor.spin_once(timeout_sec=1.0)
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    except RuntimeError:  # RCLError, if the signal came during the making of its wait set
        if rclpy.ok():
            raise
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
    return 0
