# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The error of all training and evaluation code."""


class TrainingError(ValueError):
    """A request that cannot be carried out; the text names the value and the remedy."""
