# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""ament_copyright knows the header of each file, by dcat_ros.licence."""

from pathlib import Path

import pytest

ament_copyright = pytest.importorskip('ament_copyright.main', reason='needs ament_copyright')


@pytest.mark.copyright
@pytest.mark.linter
def test_copyright():
    ours = {path.name for path in Path().glob('[!.]*')} - {'build', 'install'}
    assert ament_copyright.main(argv=sorted(ours)) == 0
