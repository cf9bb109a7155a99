# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Labelling by keys: from keys to label messages, and the screen for the operator."""
