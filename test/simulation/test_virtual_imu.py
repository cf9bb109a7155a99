# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A virtual IMU feels gravity and movement as one on the limb would."""

from dcat_ros.commands.import_utd_mhad import load_inertial, load_skeleton
from dcat_ros.modalities.body import JOINTS
from dcat_ros.simulation.virtual_imu import GRAVITY, virtual_imu
import numpy as np
import pytest
from repository import SHARED

FRAMES, RATE, COUNT = 40, 20.0, 100
DURATION = FRAMES / RATE
TIMES = np.arange(FRAMES) / RATE


def test_an_arm_that_hangs_still_feels_gravity_along_x():
    upper = np.tile([0.1, 0.0, 2.0], (FRAMES, 1))
    below = np.array([0.0, 0.3, 0.0])
    found = virtual_imu(upper, upper + below, DURATION, COUNT)
    assert np.allclose(found, [-GRAVITY[1], 0, 0, 0, 0, 0], atol=1e-6)


def test_a_swinging_arm_turns_at_its_rate_and_is_pulled_to_its_elbow():
    angle = 0.5 * np.sin(3.0 * TIMES)
    lower = 0.3 * np.stack([np.sin(angle), np.cos(angle), np.zeros(FRAMES)], axis=1)
    found = virtual_imu(np.zeros_like(lower), lower, DURATION, COUNT)
    at = np.arange(COUNT) * DURATION / COUNT
    inner = (at > 0.3) & (at < 1.6)
    rate = np.abs(1.5 * np.cos(3.0 * at))
    assert np.allclose(np.linalg.norm(found[inner, 3:], axis=1), rate[inner], atol=0.1)
    angles = 0.5 * np.sin(3.0 * at)
    along = -GRAVITY[1] * np.cos(angles) - 0.3 * rate**2
    assert np.allclose(found[inner, 0], along[inner], atol=0.3)
    assert not found[:, 3].any()


def test_too_few_frames_are_refused():
    with pytest.raises(ValueError, match='there are 5 frames, expected 9 or more'):
        virtual_imu(np.zeros((5, 3)), np.ones((5, 3)), 1.0, 50)


@pytest.mark.skipif(not (SHARED / 'data').is_dir(), reason='needs recordings in ../shared/data')
def test_it_resembles_the_real_one():
    folder, agreement = SHARED / 'data' / 'utd_mhad', []
    for action in (1, 3, 14, 18):
        real = load_inertial(folder / 'Inertial' / f'a{action}_s1_t1_inertial.mat')
        body = load_skeleton(folder / 'Skeleton' / f'a{action}_s1_t1_skeleton.mat')
        upper, lower = (body[:, JOINTS.index(f'right_{name}')] for name in ('elbow', 'wrist'))
        found = virtual_imu(upper, lower, len(real) / 50, len(real))
        rates = [np.linalg.norm(each[:, 3:], axis=1) for each in (np.radians(real), found)]
        agreement += [np.corrcoef(*rates)[0, 1], np.corrcoef(real[:, 0], found[:, 0])[0, 1]]
    assert np.median(agreement) > 0.6
