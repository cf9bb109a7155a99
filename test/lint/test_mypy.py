# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Mypy finds nothing, with the settings in pyproject.toml."""

import subprocess
import sys

import pytest
from repository import ROOT

pytest.importorskip('mypy', reason='needs mypy')


@pytest.mark.linter
def test_mypy():
    result = subprocess.run(
        [sys.executable, '-m', 'mypy'], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
