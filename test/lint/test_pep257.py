# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""ament_pep257 finds nothing; docstrings start on the first line (D212), not the second (D213)."""

import pytest

ament_pep257 = pytest.importorskip('ament_pep257.main', reason='needs ament_pep257')


@pytest.mark.pep257
@pytest.mark.linter
def test_pep257():
    assert ament_pep257.main(argv=[
        '.', '--exclude', 'build', 'install', '--add-ignore', 'D213', '--add-select', 'D212',
    ]) == 0
