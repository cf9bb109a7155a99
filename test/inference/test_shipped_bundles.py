# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The shipped bundles on input in which nobody does anything: never a confident answer."""

from dcat_ros.bundles import Bundle
from dcat_ros.inference import Decision, ranked, UNKNOWN
import numpy as np
import pytest

RNG = np.random.default_rng(11)


def share_unknown(name, windows):
    """Return the share of windows (size, ...) in the sensor's units that are `unknown`."""
    bundle = Bundle.load(name)
    manifest = bundle.manifest
    answers = []
    for window in windows(manifest.window):
        decision = Decision(manifest.classes, manifest.temperature, manifest.threshold, 0.0)
        inputs = bundle.modality.features(window.astype(np.float32))
        answers.append(ranked(decision.vote(bundle.run(inputs)))[0].label)
    return answers.count(UNKNOWN) / len(answers)


def at_rest(spec):
    """Yield an IMU's windows at rest in any position, with the noise of a real one."""
    for _ in range(200):
        up = RNG.normal(size=3)
        noise = RNG.normal(size=(spec.size, 6)) * [0.03, 0.03, 0.03, 0.003, 0.003, 0.003]
        yield np.concatenate([9.80665 * up / np.linalg.norm(up), np.zeros(3)]) + noise


def nobody(spec):
    """Yield a depth camera's windows of a view without a person."""
    yield np.zeros((spec.size, 80, 60))


@pytest.mark.parametrize(('name', 'windows', 'least'), [
    ('imu_utd_mhad', at_rest, 0.9), ('depth_utd_mhad', nobody, 1.0),
])
def test_where_nothing_happens_the_answer_is_unknown(name, windows, least):
    assert share_unknown(name, windows) >= least
