# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Deployment of a bundle to a running inference node, complete once the node uses it."""

import shutil

from dcat_ros.bundles import Manifest
from dcat_ros.nodes.trainer.deployment import Deployment
from inference_fixture import InferenceFixture
import pytest
from rclpy.node import Node
from tiny_bundles import write_bundle


@pytest.fixture
def deploy(context, monkeypatch):
    """Return a node, and a function that begins a deployment in its name."""
    monkeypatch.setattr(Deployment, 'SWAP_TIMEOUT', 1.0)
    node = Node('deploying', context=context)
    started = []

    def start(target, bundle):
        started.append(Deployment(node, target, bundle, Manifest.read(bundle)))
        return started[-1]

    yield node, start
    for deployment in started:
        deployment.close()
    node.destroy_node()


@pytest.fixture
def inference(context, tmp_path):
    fixture = InferenceFixture(context, **{
        'modality': 'imu',
        'imu.bundle': str(write_bundle(tmp_path / 'old', 'imu', name='tiny')),
        'camera.bundle': str(write_bundle(tmp_path / 'camera', 'camera')),
    })
    fixture.node.autostart()
    yield fixture
    fixture.close()


def refusal(deployment, inference):
    """Return why a deployment fails."""
    with pytest.raises(ValueError) as refused:
        inference.until(deployment.poll)
    return str(refused.value)


def test_only_a_swap_counts_even_to_a_bundle_with_the_same_name_and_classes(
    deploy, inference, tmp_path
):
    node, start = deploy
    inference.executor.add_node(node)
    inference.until(lambda: inference.subscribed_to('imu'))
    inference.play(1.0)
    new = write_bundle(tmp_path / 'new', 'imu', name='tiny')
    deployment = start('/inference', new)
    deployment.SWAP_TIMEOUT = 60.0

    def is_set():
        assert not deployment.poll()
        return inference.node.get_parameter('imu.bundle').value == str(new)

    inference.until(is_set)
    for _ in range(2):
        inference.status('activity')
        assert not deployment.poll()
    inference.play(1.0)
    inference.until(deployment.poll)
    assert inference.node.engine.swaps == 1


def test_a_bundle_that_is_not_used_is_no_success(deploy, inference, tmp_path):
    node, start = deploy
    inference.executor.add_node(node)
    inference.until(lambda: inference.subscribed_to('imu'))
    assert inference.set(modality='camera') == ''
    inference.until(lambda: inference.subscribed_to('camera'))
    inference.play(1.0)
    reason = refusal(start('/inference', write_bundle(tmp_path / 'new', 'imu')), inference)
    assert reason == (
        '/inference has loaded it, but does not use it yet ("recognising from camera")'
        ': set its modality to imu'
    )


def test_without_data_nothing_is_recognised(deploy, inference, tmp_path):
    node, start = deploy
    inference.executor.add_node(node)
    reason = refusal(start('/inference', write_bundle(tmp_path / 'new', 'imu')), inference)
    assert reason.startswith('/inference has loaded it, but does not use it yet ("')
    assert reason.endswith('"): check its sensor')


def test_a_refusal_comes_with_its_reason(deploy, inference, tmp_path):
    node, start = deploy
    inference.executor.add_node(node)
    new = write_bundle(tmp_path / 'new', 'imu')
    deployment = start('/inference', new)
    shutil.rmtree(new)
    assert refusal(deployment, inference) == (
        f'/inference refused: bundle "{new}" is no directory: check the path'
    )


def test_a_node_that_is_not_there_and_one_that_does_not_recognise_are_told_apart(
    deploy, inference, tmp_path, monkeypatch
):
    node, start = deploy
    inference.executor.add_node(node)
    monkeypatch.setattr(Deployment, 'DISCOVERY_TIMEOUT', 1.0)
    new = write_bundle(tmp_path / 'new', 'imu')
    assert refusal(start('/nobody', new), inference) == 'no node /nobody answers: start it'
    assert refusal(start('/sensors', new), inference) == (
        '/sensors publishes no activity status on /diagnostics: name a running inference node'
    )
