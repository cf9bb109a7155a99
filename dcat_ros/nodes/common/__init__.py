# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Shared by all nodes: life cycle, parameters, QoS, subscriptions and the main loop."""
