# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Window settings, and the buffer of samples."""

from dcat_ros.modalities import Samples
from dcat_ros.windows import WindowSpec
from dcat_ros.windows.stream import SampleBuffer
import numpy as np
import pytest

SPEC = WindowSpec(duration=0.1, rate=100.0, stride=0.05, max_gap=0.03)


@pytest.mark.parametrize(('changes', 'words'), [
    ({'duration': 0.0}, 'duration is 0.0'),
    ({'rate': -1.0}, 'rate is -1.0'),
    ({'stride': float('nan')}, 'stride is nan'),
    ({'max_gap': 0.0}, 'max_gap is 0.0'),
    ({'duration': 0.01}, 'fewer than two samples'),
])
def test_invalid_settings_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        WindowSpec(**{**vars(SPEC), **changes})


def test_a_buffer_holds_only_what_a_window_needs():
    buffer = SampleBuffer()
    for index in range(5000):
        buffer.append(Samples(np.array([index * 10]), np.full((1, 3), index, np.float32)))
        buffer.discard_before(index * 10 - 200)
        assert len(buffer) <= 22
    held = buffer.samples
    assert held.stamps.tolist() == [index * 10 for index in range(4978, 5000)]
    assert held.values[:, 1].tolist() == list(range(4978, 5000))
    assert held.stamps.base is None or held.stamps.base.size < 200


def test_a_cleared_buffer_takes_samples_of_another_shape():
    buffer = SampleBuffer()
    buffer.append(Samples(np.array([1]), np.zeros((1, 3), np.float32)))
    buffer.clear()
    buffer.append(Samples(np.array([1, 2]), np.ones((2, 4, 5), np.float32)))
    assert buffer.samples.values.shape == (2, 4, 5)
