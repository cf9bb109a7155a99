# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Activity recognition from one sensor, trained across sensors (D-CAT, arXiv 2509.09747)."""
