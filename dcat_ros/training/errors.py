# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What stops a training."""


class TrainingError(ValueError):
    """A training that cannot be done as asked; the text names the value and the remedy."""
