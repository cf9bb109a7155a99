# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Live recognition without ROS: sensors with their models, one of which is active."""

from dcat_ros.inference.decision import (
    combined,
    Decision,
    Hypothesis,
    ranked,
    UNKNOWN,
    Vote,
)
from dcat_ros.inference.engine import Answer, Engine
from dcat_ros.inference.source import Source, SourceSettings

__all__ = [
    'UNKNOWN', 'Answer', 'Decision', 'Engine', 'Hypothesis', 'Source', 'SourceSettings', 'Vote',
    'combined', 'ranked',
]
