"""Encoders: one model-input window (batch, ...) to tokens (batch, tokens, dim)."""

from dcat_ros.method.encoders.imu import ImuEncoder

__all__ = ['ImuEncoder']
