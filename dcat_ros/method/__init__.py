# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Encoder, self-attention that hands out Q, K and V, classifier, and transfer between sensors.

Knows torch and numpy, no ROS. The published loss, for a model of your own:

    from dcat_ros.method import alignment_loss
"""

from dcat_ros.method.alignment import alignment_loss, cross_matrix
from dcat_ros.method.attention import Attended, SelfAttention
from dcat_ros.method.methods import Method, METHODS
from dcat_ros.method.network import Network, Output
from dcat_ros.method.pairing import Pairing, same_time, SameLabel, SameTime
from dcat_ros.method.source_output import source_output_of, SourceOutput

__all__ = [
    'METHODS',
    'Attended',
    'Method',
    'Network',
    'Output',
    'Pairing',
    'SameLabel',
    'SameTime',
    'SelfAttention',
    'SourceOutput',
    'alignment_loss',
    'cross_matrix',
    'same_time',
    'source_output_of',
]
