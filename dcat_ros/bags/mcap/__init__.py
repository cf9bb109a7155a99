# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The MCAP container (https://mcap.dev/spec), written so that a crash costs no whole chunk.

Libraries read it; what they do not offer is written here: chunks that end by time, carry a
checksum, and can be cut off and closed again after a full disk or a crash.
"""

from dcat_ros.bags.mcap.records import Channel, Schema
from dcat_ros.bags.mcap.scan import NotMcapError, Scan, scan
from dcat_ros.bags.mcap.writer import McapWriter

__all__ = ['Channel', 'McapWriter', 'NotMcapError', 'Scan', 'Schema', 'scan']
