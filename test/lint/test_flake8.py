# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""ament_flake8 finds nothing, with the settings in setup.cfg."""

import pytest

ament_flake8 = pytest.importorskip('ament_flake8.main', reason='needs ament_flake8')


@pytest.mark.flake8
@pytest.mark.linter
def test_flake8():
    status, errors = ament_flake8.main_with_errors(argv=['--config', 'setup.cfg'])
    assert status == 0, '\n'.join(errors)
