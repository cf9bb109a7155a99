# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a recorded bag is worth: counts, gaps, offsets, labels, and a verdict on them."""
