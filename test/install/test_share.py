# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Where the package finds its shipped files on a ROS host."""

from pathlib import Path

from dcat_ros.share import share_directory
import pytest
from repository import ROOT

packages = pytest.importorskip('ament_index_python.packages', reason='needs ament_index_python')


def test_the_ament_index_is_asked_first():
    assert share_directory() == Path(packages.get_package_share_directory('dcat_ros'))


def test_a_package_that_is_not_in_the_index_is_found_too(monkeypatch, tmp_path):
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path))
    assert share_directory() == ROOT
    monkeypatch.delenv('AMENT_PREFIX_PATH')
    assert share_directory() == ROOT
