# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Studies: rows of methods beside each other over seeds, splits and shares of labels, reported."""
