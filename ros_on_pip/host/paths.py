# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Paths of the sources and of `.venv`, the only directory that set-up writes to."""

from pathlib import Path

STAND_INS = Path(__file__).resolve().parents[1]
ROOT = STAND_INS.parent
VENV = ROOT / '.venv'
BUILD = VENV / 'build'
LOGS = VENV / 'log'
STATE = VENV / 'setup'
PYTHON = VENV / 'bin' / 'python'
