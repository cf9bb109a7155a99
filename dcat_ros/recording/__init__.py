# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One recording session: what is received goes through a bounded queue into a bag."""

from dcat_ros.recording.backlog import Backlog
from dcat_ros.recording.session import Plan, Session
from dcat_ros.recording.tally import Tally

__all__ = ['Backlog', 'Plan', 'Session', 'Tally']
