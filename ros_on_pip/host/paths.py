# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Where things are: the sources, and the one directory that set-up and runs write to."""

from pathlib import Path

STAND_INS = Path(__file__).resolve().parents[1]
ROOT = STAND_INS.parent
VENV = ROOT / '.venv'
BUILD = VENV / 'build'
LOGS = VENV / 'log'
STATE = VENV / 'setup'
PYTHON = VENV / 'bin' / 'python'
