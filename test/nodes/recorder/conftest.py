# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recorder nodes that end with their test."""

import pytest
from recorder_fixture import RecorderFixture


@pytest.fixture
def fixture(context, tmp_path):
    made = []

    def make(**parameters):
        made.append(RecorderFixture(context, tmp_path / 'out', **parameters))
        return made[-1]

    yield make
    for each in made:
        each.close()
