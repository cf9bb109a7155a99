# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Set-up of a clone: checks, installation and environment of `.venv`."""
