# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The SROS 2 policies: they allow what the nodes do in the graph, and nothing else."""

from contextlib import contextmanager
import gc
import os
import pty
import subprocess
import sys
import time
from xml.etree import ElementTree

from dcat_ros.bags import messages
from dcat_ros.bags.writer import BagWriter
from dcat_ros.bundles import Manifest
from dcat_ros.nodes.monitor.node import MonitorNode
from dcat_ros.nodes.replay import Replay
from dcat_ros.nodes.simulate import Simulate
from dcat_ros.nodes.trainer.deployment import Deployment
from inference_fixture import InferenceFixture
import pytest
from rclpy.context import Context
from rclpy.node import Node
from rclpy.parameter import Parameter
from recorder_fixture import LABEL, RecorderFixture, TYPES
from repository import ROOT
from tiny_bundles import write_bundle
from trainer_client import TrainerClient

POLICIES = {
    path.name.removesuffix('.policy.xml'): path
    for path in sorted((ROOT / 'config' / 'security').glob('*.policy.xml'))
}
RULES = {'publish': 'topics', 'subscribe': 'topics', 'reply': 'services', 'request': 'services'}
DEADLINE = 60.0
SIM_TIME = [Parameter('use_sim_time', value=True)]


def full_name(name, profile):
    """Return the full name that sros2 makes of a name in a policy."""
    namespace = profile.get('ns').rstrip('/') + '/'
    if name.startswith('~'):
        return f'{namespace}{profile.get("node")}{name[1:]}'
    return name if name.startswith('/') else namespace + name


def allowed(policy):
    """Return by node what a policy allows, by rule."""
    nodes = {}
    for profile in ElementTree.parse(policy).iter('profile'):
        rules = nodes.setdefault(profile.get('node'), {rule: set() for rule in RULES})
        for group in profile:
            for rule, qualifier in group.attrib.items():
                assert (group.tag, qualifier) == (RULES[rule], 'ALLOW')
                rules[rule] |= {full_name(entry.text, profile) for entry in group}
    if os.environ.get('ROS_DISTRO') == 'humble':
        for node, rules in nodes.items():
            rules['reply'].discard(f'/{node}/get_type_description')
    return nodes


@pytest.fixture
def observer():
    """Return a node that knows the others by discovery alone."""
    gc.collect()  # until then, a destroyed node of an earlier test has an entry in the graph
    context = Context()
    context.init()
    node = Node('observer', context=context)
    yield node
    node.destroy_node()
    context.shutdown()


def interfaces(observer, node):
    """Return the topics and services of a node in the graph, by rule."""
    ask = {
        'publish': observer.get_publisher_names_and_types_by_node,
        'subscribe': observer.get_subscriber_names_and_types_by_node,
        'reply': observer.get_service_names_and_types_by_node,
        'request': observer.get_client_names_and_types_by_node,
    }
    if node not in observer.get_node_names():
        return {}
    return {rule: {name for name, _ in names(node, '/')} for rule, names in ask.items()}


@contextmanager
def inference(context, tmp_path):
    bundles = {
        f'{name}.bundle': str(write_bundle(tmp_path / name, name))
        for name in ('imu', 'camera', 'audio')
    }
    fixture = InferenceFixture(context, **bundles)
    try:
        fixture.node.autostart()
        yield lambda: fixture.executor.spin_once(timeout_sec=0.05)
    finally:
        fixture.close()


@contextmanager
def recorder(context, tmp_path):
    fixture = RecorderFixture(context, tmp_path, use_sim_time=True)
    try:
        for topic in TYPES:
            fixture.offer(topic)
        yield lambda: fixture.executor.spin_once(timeout_sec=0.05)
    finally:
        fixture.close()


@contextmanager
def trainer(context, tmp_path):
    client = TrainerClient(context).start_node(use_sim_time=True)
    bundle = write_bundle(tmp_path / 'bundle', 'imu')
    deployment = Deployment(client.trainer, '/inference', bundle, Manifest.read(bundle))
    try:
        yield client.spin
    finally:
        deployment.close()
        client.close()


@contextmanager
def created(make):
    node = make()
    try:
        yield lambda: time.sleep(0.05)
    finally:
        node.destroy_node()


def monitor(context, tmp_path):
    return created(
        lambda: MonitorNode('inference', print, context=context, parameter_overrides=SIM_TIME)
    )


def simulate(context, tmp_path):
    return created(lambda: Simulate(context=context, parameter_overrides=SIM_TIME))


def replay(context, tmp_path):
    with BagWriter(tmp_path / 'bag') as bag:
        for topic, kind in TYPES.items():
            bag.add_topic(topic, kind)
        bag.write(LABEL, messages.text('walk'), 1)
    return created(lambda: Replay(tmp_path / 'bag', clock=40.0, context=context))


@contextmanager
def label(context, tmp_path):
    master, slave = pty.openpty()
    command = [sys.executable, '-m', 'dcat_ros.nodes.label', '--activities', 'walk']
    process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave)
    try:
        yield lambda: time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
        for end in (master, slave):
            os.close(end)


NODES = {create.__name__: create for create in (
    inference, recorder, trainer, monitor, simulate, replay, label
)}


OF_SKELETONS = {'publish': {'overlay', 'skeleton2d'}, 'subscribe': {'/skeleton'}}
"""Allowed, but done only with a colour camera or skeletons."""


def test_every_node_has_a_policy():
    assert set(POLICIES) == set(NODES)


@pytest.mark.parametrize('name', POLICIES)
def test_a_policy_allows_what_its_nodes_do_and_nothing_else(name, context, observer, tmp_path):
    expected = allowed(POLICIES[name])
    for node, rules in expected.items():
        for rule, topics in OF_SKELETONS.items():
            rules[rule] -= {f'/{node}/{topic}'.replace(f'/{node}//', '/') for topic in topics}
    with NODES[name](context, tmp_path) as spin:
        deadline = time.monotonic() + DEADLINE
        while (found := {node: interfaces(observer, node) for node in expected}) != expected:
            if time.monotonic() > deadline:
                break
            spin()
    assert found == expected


@pytest.mark.parametrize('name', POLICIES)
def test_a_policy_is_of_the_version_and_enclave_in_the_guide(name):
    policy = ElementTree.parse(POLICIES[name]).getroot()
    assert (policy.tag, policy.attrib) == ('policy', {'version': '0.2.0'})
    (enclave,) = policy.iter('enclave')
    assert enclave.get('path') == f'/dcat_ros/{name}'
    guide = (ROOT / 'docs' / 'security.md').read_text(encoding='utf-8')
    assert f'(../config/security/{POLICIES[name].name})' in guide


@pytest.mark.parametrize('name', POLICIES)
def test_sros2_reads_a_policy(name):
    policy = pytest.importorskip('sros2.policy', reason='needs sros2')
    assert policy.load_policy(POLICIES[name]).getroot().tag == 'policy'
