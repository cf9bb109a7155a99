# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Write and recover files in the MCAP format (https://mcap.dev/spec).

Libraries read the files. They offer neither chunks that end by time, nor files that stay valid
when the disk is full, nor the recovery of a file that was cut short, so that is here.
"""

from dcat_ros.bags.mcap.records import Channel, Schema
from dcat_ros.bags.mcap.scanner import NotMcapError, scan, ScanResult
from dcat_ros.bags.mcap.summary import NEVER, Statistics, Summary
from dcat_ros.bags.mcap.writer import McapWriter

__all__ = [
    'NEVER', 'Channel', 'McapWriter', 'NotMcapError', 'ScanResult', 'Schema', 'Statistics',
    'Summary', 'scan',
]
