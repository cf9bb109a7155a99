# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recorder without ROS: received messages go through a bounded queue into a bag."""
