# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From labelled bags to a bundle: data sets, fit, evaluation, calibration, export (torch)."""
