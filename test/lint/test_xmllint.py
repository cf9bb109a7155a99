# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""ament_xmllint finds nothing; it fetches the schema of package.xml."""

import pytest

ament_xmllint = pytest.importorskip('ament_xmllint.main', reason='needs ament_xmllint')


@pytest.mark.xmllint
@pytest.mark.linter
def test_xmllint():
    assert ament_xmllint.main(argv=['.', '--exclude', 'build', 'install']) == 0
