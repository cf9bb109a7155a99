# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Conversion between image messages and OpenCV arrays, with the API of ROS 2's cv_bridge."""

from .core import CvBridge, CvBridgeError

__all__ = ['CvBridge', 'CvBridgeError']
