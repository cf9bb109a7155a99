# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A client of the trainer node."""

import pytest
from trainer_client import TrainerClient


@pytest.fixture
def client(context):
    trainer_client = TrainerClient(context)
    yield trainer_client
    trainer_client.close()
