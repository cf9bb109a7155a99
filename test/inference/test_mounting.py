# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A sensor that is mounted the wrong way round is recognised by its model."""

from dcat_ros.modalities.mounting import end_for_end, head_down, upside_down
from dcat_ros.training.negatives.camera import upside_down as upside_down_in_training
from dcat_ros.training.negatives.imu import end_for_end as end_for_end_in_training
from dcat_ros.training.negatives.skeleton import head_down as head_down_in_training
import numpy as np
import torch


def test_training_and_recognition_mean_the_same_wrong_mounting():
    random = np.random.default_rng(0)
    for shape, live, trained in (
        ((100, 6), end_for_end, end_for_end_in_training),
        ((40, 91), head_down, head_down_in_training),
        ((20, 2, 40, 32), upside_down, upside_down_in_training),
    ):
        window = random.normal(size=shape).astype(np.float32)
        assert np.array_equal(live(window), trained(torch.from_numpy(window)[None])[0].numpy())
        assert np.array_equal(live(live(window)), window)
