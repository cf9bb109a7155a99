# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The ROS nodes: thin shells around the rooms above."""
