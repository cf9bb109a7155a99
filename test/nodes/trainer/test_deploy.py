# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Handing a bundle to a running inference node: it counts once the node recognises with it."""

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
    monkeypatch.setattr(Deployment, 'SWAPPING', 1.0)
    node = Node('deploying', context=context)
    begun = []

    def begin(target, bundle):
        begun.append(Deployment(node, target, bundle, Manifest.read(bundle)))
        return begun[-1]

    yield node, begin
    for each in begun:
        each.close()
    node.destroy_node()


@pytest.fixture
def stage(context, tmp_path):
    each = InferenceFixture(context, **{
        'modality': 'imu',
        'imu.bundle': str(write_bundle(tmp_path / 'old', 'imu', name='tiny')),
        'camera.bundle': str(write_bundle(tmp_path / 'camera', 'camera')),
    })
    each.node.autostart()
    yield each
    each.close()


def refusal(deployment, stage):
    """Return why a deployment fails."""
    with pytest.raises(ValueError) as refused:
        stage.until(deployment.look)
    return str(refused.value)


def test_only_a_swap_counts_even_to_a_bundle_with_the_same_name_and_classes(
    deploy, stage, tmp_path
):
    node, begin = deploy
    stage.executor.add_node(node)
    stage.until(lambda: stage.subscribed_to('imu'))
    stage.play(1.0)
    new = write_bundle(tmp_path / 'new', 'imu', name='tiny')
    deployment = begin('/inference', new)
    deployment.SWAPPING = 60.0

    def is_set():
        assert not deployment.look()
        return stage.node.get_parameter('imu.bundle').value == str(new)

    stage.until(is_set)
    for _ in range(2):
        stage.status('activity')
        assert not deployment.look()
    stage.play(1.0)
    stage.until(deployment.look)
    assert stage.node.engine.swaps == 1


def test_a_bundle_that_is_not_used_is_no_success(deploy, stage, tmp_path):
    node, begin = deploy
    stage.executor.add_node(node)
    stage.until(lambda: stage.subscribed_to('imu'))
    assert stage.set(modality='camera') == ''
    stage.until(lambda: stage.subscribed_to('camera'))
    stage.play(1.0)
    said = refusal(begin('/inference', write_bundle(tmp_path / 'new', 'imu')), stage)
    assert said == (
        '/inference has loaded it, but does not recognise with it yet ("recognising from camera")'
        ': set its modality to imu'
    )


def test_without_data_nothing_is_recognised(deploy, stage, tmp_path):
    node, begin = deploy
    stage.executor.add_node(node)
    said = refusal(begin('/inference', write_bundle(tmp_path / 'new', 'imu')), stage)
    assert said.startswith('/inference has loaded it, but does not recognise with it yet ("')
    assert said.endswith('"): see to its sensor')


def test_a_refusal_comes_with_its_reason(deploy, stage, tmp_path):
    node, begin = deploy
    stage.executor.add_node(node)
    new = write_bundle(tmp_path / 'new', 'imu')
    deployment = begin('/inference', new)
    shutil.rmtree(new)
    assert refusal(deployment, stage) == (
        f'/inference refused: bundle "{new}" is no directory: check the path'
    )


def test_a_node_that_is_not_there_and_one_that_does_not_recognise_are_told_apart(
    deploy, stage, tmp_path, monkeypatch
):
    node, begin = deploy
    stage.executor.add_node(node)
    monkeypatch.setattr(Deployment, 'FINDING', 1.0)
    new = write_bundle(tmp_path / 'new', 'imu')
    assert refusal(begin('/nobody', new), stage) == 'no node /nobody answers: start it'
    assert refusal(begin('/sensors', new), stage) == (
        '/sensors says nothing of recognising on /diagnostics: name a running inference node'
    )
