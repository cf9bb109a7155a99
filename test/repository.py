# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Where the repository is, and the recordings that are not part of it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get('DCAT_SHARED', ROOT.parent / 'shared'))
