# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Point clouds as arrays, with the API of ROS 2's sensor_msgs_py."""
