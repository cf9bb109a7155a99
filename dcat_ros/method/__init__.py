# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Networks of one modality each, and the transfer of knowledge from one to another.

Depends on torch and numpy, not on ROS. The published loss, for a model of your own:

    from dcat_ros.method import alignment_loss
"""

from dcat_ros.method.alignment import alignment_loss, cross_matrix
from dcat_ros.method.methods import Method, METHODS, SourceOutput
from dcat_ros.method.network import (
    AttentionOutput,
    Classifier,
    Ensemble,
    Network,
    NetworkOutput,
    SelfAttention,
)
from dcat_ros.method.pairing import pair_by_time, Pairing, SameLabel, SameTime

__all__ = [
    'METHODS', 'AttentionOutput', 'Classifier', 'Ensemble', 'Method', 'Network', 'NetworkOutput',
    'Pairing', 'SameLabel', 'SameTime', 'SelfAttention', 'SourceOutput', 'alignment_loss',
    'cross_matrix', 'pair_by_time',
]
