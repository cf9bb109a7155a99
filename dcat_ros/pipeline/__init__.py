# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From bags to a deployable bundle, with its report and model card."""
