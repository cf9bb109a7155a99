# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The labelling program: keys in, labels out, and what the operator sees meanwhile."""
