# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What all nodes share: life cycle, parameters, QoS, subscriptions and running."""
