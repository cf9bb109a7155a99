"""Encoder, self-attention that hands out Q, K and V, and classifier (torch; knows no ROS)."""

from dcat_ros.method.attention import Attended, SelfAttention
from dcat_ros.method.network import Network, Output

__all__ = ['Attended', 'Network', 'Output', 'SelfAttention']
