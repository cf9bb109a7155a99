# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The whole journey on simulated persons, through the real programs and real topics."""
