# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Fixed-rate windows, cut by header stamp: the only way from messages to model input."""

from dcat_ros.windows.stream import Stream, Window, WindowSpec

__all__ = ['Stream', 'Window', 'WindowSpec']
