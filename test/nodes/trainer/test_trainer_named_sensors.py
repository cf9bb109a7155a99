# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One wrist teaches the other: both are sensors of one bag, and the bundle goes to its own one."""

import json
from pathlib import Path

from dcat_ros.bags.writer import BagWriter, write_clips
from dcat_ros.bundles import Bundle
from imu_training_bags import clip, CONFIG, RHYTHMS, START, write_config
from inference_fixture import InferenceFixture
import pytest
from tiny_bundles import write_bundle

WRISTS = ('left_wrist', 'right_wrist')
NAMED = {name: ('imu', f'{name}/imu/data') for name in WRISTS}


def on_both_wrists(original):
    def stamped(start):
        for _, message, stamp in original.messages(start):
            for name in WRISTS:
                yield f'/{name}/imu/data', message, stamp

    return stamped


@pytest.fixture
def parameters(tmp_path):
    notes = {f'/{name}/imu/data': {'sensor': name, 'modality': 'imu'} for name in WRISTS}
    for subject in ('ada', 'ben', 'cleo'):
        clips = [clip(label, subject, number) for label in RHYTHMS for number in range(2)]
        for each in clips:
            object.__setattr__(each, 'messages', on_both_wrists(clip(
                each.label, subject, int(each.name[-1])
            )))
        custom = {'subject': subject, 'topics': json.dumps(notes)}
        with BagWriter(tmp_path / 'bags' / subject, custom) as writer:
            write_clips(writer, clips, START)
    recipe = write_config(
        tmp_path / 'tiny.yaml', fit={'epochs': 2, 'batch': 12},
        protocol={**CONFIG['protocol'], 'seeds': 1},
    )
    return {
        'bags': [str(tmp_path / 'bags')], 'output': str(tmp_path / 'out'),
        'target': f'{recipe}@left_wrist', 'source': [f'{recipe}@right_wrist=2'],
    }


def test_a_bundle_of_the_left_wrist_is_deployed_to_the_left_wrist(
    client, parameters, context, tmp_path
):
    old = str(write_bundle(tmp_path / 'old', 'imu'))
    inference = InferenceFixture(context, named=NAMED, **{
        'sensors': list(WRISTS), 'modality': 'left_wrist',
        **{f'{name}.modality': 'imu' for name in WRISTS},
        **{f'{name}.bundle': old for name in WRISTS},
    })
    inference.live = {'left_wrist', 'right_wrist'}
    inference.node.autostart()
    inference.until(lambda: inference.subscribed_to('left_wrist'))
    client.start_node(**parameters, deploy_to='/inference')
    inference.executor.add_node(client.trainer)
    inference.executor.add_node(client.node)
    client.spin = lambda: inference.play(0.06)
    try:
        assert client.call('train')[0]
        _, message = client.until_state('done', 'failed')
        bundle = Path(parameters['output'], 'tiny_left_wrist')
        assert message == f'{bundle} is complete, and /inference uses it'
        manifest = Bundle(bundle).manifest
        assert (manifest.sensor, manifest.modality) == ('left_wrist', 'imu')
        assert manifest.training['transfer']['sources'] == {'tiny_right_wrist': 2.0}
        assert inference.node.get_parameter('left_wrist.bundle').value == str(bundle)
        assert inference.node.get_parameter('right_wrist.bundle').value == old
        answers = inference.play(1.0)
        assert {each.class_id for each in answers[-1].results} >= {'fast', 'slow', 'still'}
    finally:
        inference.close()


def test_a_sensor_that_no_bag_has_is_refused(client, parameters):
    client.start_node(**parameters)
    refusal = client.set(target='chest')
    assert 'no shipped recipe is named "chest"' in refusal
    assert 'nor has a bag a sensor of that name' in refusal
