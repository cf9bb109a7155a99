# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The hand-written node of bench/inference recognises with the network of the bundle."""

from bench.inference.checkpoint import Checkpoint
from bench.inference.convert import (
    convert,
    largest_difference,
    MismatchError,
    network_of,
    TOLERANCE,
)
from bench.inference.messages import MessageLoop
from bench.inference.peer import Recogniser
from dcat_ros.bundles import Bundle, find_bundle
import pytest
from rclpy.serialization import deserialize_message
from scipy.special import softmax
from sensor_msgs.msg import Image
import torch

START = 1_700_000_000_000_000_000


@pytest.mark.parametrize('name', ['imu_utd_mhad', 'depth_utd_mhad', 'camera_sim'])
def test_the_network_in_torch_is_that_of_the_bundle(name):
    bundle = Bundle.load(name)
    network = network_of(bundle, find_bundle(name))
    assert largest_difference(network, bundle) < TOLERANCE
    with torch.no_grad():
        getattr(network, 'members', [network])[0].classifier[-1].bias[0] += 0.1
    with pytest.raises(MismatchError, match=f'{name}: the network in torch differs'):
        largest_difference(network, bundle)


def test_a_graph_of_another_network_is_refused():
    with pytest.raises(MismatchError, match=r'imu_utd_mhad/model\.onnx .* train the bundle again'):
        network_of(Bundle.load('imu_sim'), find_bundle('imu_utd_mhad'))


def test_the_hand_written_node_scores_depth_images_like_the_bundle(tmp_path):
    convert('depth_utd_mhad', 30, tmp_path / 'depth.pt')
    messages_of_camera, bundle = MessageLoop('camera'), Bundle.load('depth_utd_mhad')
    messages = [
        deserialize_message(messages_of_camera.message(START + number * 10**9 // 30), Image)
        for number in range(90)
    ]
    recogniser = Recogniser(Checkpoint.load(str(tmp_path / 'depth.pt')))
    answers = [recogniser.push(message) for message in messages]
    assert [number for number, answer in enumerate(answers) if answer] == [59, 67, 75, 83]

    stream = bundle.stream()  # its windows are two frames shorter: they span 19 periods, not 20
    window = next(window for message in messages[2:] for window in stream.push(message))
    scores = softmax(bundle.run(window.inputs) / bundle.manifest.temperature)
    found = {result.class_id: result.score for result in answers[59].results}
    expected = dict(zip(bundle.manifest.classes, scores, strict=True))
    assert found == pytest.approx(expected, abs=1e-4)
    assert max(found.values()) > 2 / len(found)
