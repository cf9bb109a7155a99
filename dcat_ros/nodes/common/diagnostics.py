# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The form of what nodes say on /diagnostics."""

from collections.abc import Mapping

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue


def status(
    name: str, level: bytes, message: str, values: Mapping[str, str]
) -> DiagnosticStatus:
    """Return a status of this package."""
    return DiagnosticStatus(
        name=name,
        level=level,
        message=message,
        hardware_id='dcat_ros',
        values=[KeyValue(key=key, value=value) for key, value in values.items()],
    )
