# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Set-up of a clone: what this host offers, what has to be installed, and where to run."""
