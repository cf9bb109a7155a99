# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Two IMUs and two cameras by name over real topics: chosen, swapped, added, removed, voting."""

from itertools import pairwise

from inference_fixture import InferenceFixture, stamp
import pytest
from tiny_bundles import write_bundle

NAMED = {
    'left_wrist': ('imu', 'left_wrist/imu/data'),
    'right_wrist': ('imu', '/right/imu'),
    'front': ('camera', 'front/camera/image_raw'),
    'back': ('camera', 'back/camera/image_raw'),
}


@pytest.fixture
def bundles(tmp_path):
    return {
        modality: str(write_bundle(
            tmp_path / modality, modality, scores={'macro_f1': macro_f1, 'protocol': 'none'}
        ))
        for modality, macro_f1 in (('imu', 0.9), ('camera', 0.6))
    }


@pytest.fixture
def start(context, bundles):
    fixtures = []

    def start(**parameters):
        values = {
            'sensors': list(NAMED),
            **{f'{name}.modality': modality for name, (modality, _) in NAMED.items()},
            **{f'{name}.bundle': bundles[modality] for name, (modality, _) in NAMED.items()},
            'right_wrist.topic': '/right/imu',
            'modality': 'left_wrist',
            **parameters,
        }
        fixtures.append(InferenceFixture(context, named=NAMED, **values))
        fixtures[-1].node.autostart()
        fixtures[-1].live = set(NAMED)
        return fixtures[-1]

    yield start
    for fixture in fixtures:
        fixture.close()


def label(answer):
    return answer.results[0].class_id


def with_short_timeout(inference, live, condition):
    """Let only some sensors deliver, with a short timeout, until a condition on the engine."""
    inference.live = live
    assert inference.set(stale_timeout=0.5) == ''
    inference.until(lambda: inference.play(0.1) is not None and condition(inference.node.engine))
    assert inference.set(stale_timeout=10.0) == ''


def test_the_wrist_that_the_parameter_names_is_recognised_from(start):
    inference = start()
    inference.levels |= {'left_wrist': 20.0, 'right_wrist': 0.0}
    answers = inference.play(1.5)
    assert inference.subscribed_to('left_wrist')
    assert {label(answer) for answer in answers} == {'high'}
    assert {answer.header.frame_id for answer in answers} == {'left_wrist_frame'}
    status = inference.status('activity')
    values = {item.key: item.value for item in status.values}
    assert (values['sensor'], values['modality']) == ('left_wrist', 'imu')
    assert status.message == 'recognising from left_wrist'
    assert inference.status('left_wrist').message.startswith('receiving at')


def test_from_the_left_wrist_to_the_right_one_no_window_is_lost(start):
    inference = start()
    inference.levels |= {'left_wrist': 20.0, 'right_wrist': 0.0}
    before = inference.play(1.5)
    assert inference.set(modality='right_wrist') == ''
    during = inference.play(2.0)
    assert inference.subscribed_to('right_wrist')
    assert label(before[-1]) == label(during[0]) == 'high'
    assert label(during[-1]) == 'low'
    stamps = [stamp(answer) for answer in before + during]
    assert all(0 < later - earlier <= 120_000_000 for earlier, later in pairwise(stamps))
    assert inference.node.engine.swaps == 1


def test_auto_among_sensors_of_one_modality_fails_over(start):
    inference = start(modality='auto', priority=['right_wrist', 'left_wrist'])
    inference.play(1.5)
    assert inference.node.engine.active_source.name == 'right_wrist'
    with_short_timeout(inference, {'left_wrist'}, lambda engine: (
        engine.active_source is not None and engine.active_source.name == 'left_wrist'
    ))
    assert label(inference.play(0.5)[-1]) == 'low'


def test_two_cameras_by_name(start):
    inference = start(modality='front')
    inference.levels |= {'front': 255, 'back': 0}
    assert label(inference.play(1.5)[-1]) == 'high'
    assert inference.set(modality='back') == ''
    assert label(inference.play(2.0)[-1]) == 'low'
    assert inference.subscribed_to('back')


def test_a_sensor_is_added_and_removed_while_the_node_runs(start, bundles):
    inference = start(sensors=['left_wrist'])
    inference.levels |= {'right_wrist': 20.0}
    assert label(inference.play(1.0)[-1]) == 'low'
    assert 'modality is "right_wrist", expected auto, left_wrist' in inference.set(
        modality='right_wrist'
    )
    assert inference.set(right_wrist__modality='imu') == ''
    assert inference.set(
        sensors=['left_wrist', 'right_wrist'], right_wrist__topic='/right/imu',
        right_wrist__bundle=bundles['imu'], modality='right_wrist',
    ) == ''
    assert label(inference.play(1.5)[-1]) == 'high'
    assert inference.node.get_parameter('right_wrist.mounting').value == [0.0] * 3
    refusal = inference.set(sensors=['left_wrist'])
    assert refusal == 'modality is "right_wrist", expected auto, left_wrist'
    assert inference.set(sensors=['left_wrist'], modality='left_wrist') == ''
    assert label(inference.play(1.5)[-1]) == 'low'
    assert inference.subscribed_to('left_wrist')


@pytest.mark.parametrize(('changes', 'reason'), [
    ({'sensors': ['left_wrist', 'hip']}, 'sensors has "hip", expected imu, camera'),
    ({'sensors': ['left_wrist', 'left_wrist']}, 'a name stands twice'),
    ({'sensors': ['Left']}, 'a sensor is named "Left", expected a-z'),
    ({'left_wrist__colour': 'red'}, 'left_wrist.colour is no parameter'),
    ({'left_wrist__mounting': [1.0]}, 'left_wrist.mounting is'),
    ({'left_wrist__acceleration_unit': 'ft'}, 'left_wrist.acceleration_unit is "ft"'),
    ({'left_wrist__topic': 'no topic'}, 'left_wrist.topic has "no topic", which is no topic'),
    ({'front__bundle': ''}, ''),
])
def test_what_makes_no_sense_is_refused_and_nothing_changes(start, changes, reason):
    inference = start()
    refusal = inference.set(**changes)
    assert reason in refusal
    assert bool(refusal) == bool(reason)
    assert label(inference.play(1.0)[-1]) == 'low'


def test_each_wrist_has_units_of_its_own(start):
    inference = start(modality='right_wrist', **{'right_wrist.acceleration_unit': 'g'})
    inference.levels |= {'left_wrist': 2.5, 'right_wrist': 2.5}
    assert label(inference.play(1.5)[-1]) == 'high'
    assert inference.set(modality='left_wrist') == ''
    assert label(inference.play(1.5)[-1]) != 'high'


def test_wrists_vote_and_one_alone_answers(start):
    inference = start(modality='auto', vote=True)
    inference.live = {'left_wrist', 'right_wrist', 'front'}
    inference.levels |= {'left_wrist': 20.0, 'right_wrist': 20.0, 'front': 255}
    inference.play(2.0)
    engine = inference.node.engine
    assert engine.voters == ['left_wrist', 'right_wrist', 'front']
    status = inference.status('activity')
    assert status.message == 'recognising from left_wrist and right_wrist and front'
    values = {item.key: item.value for item in status.values}
    assert values['voters'] == 'left_wrist, right_wrist, front'
    with_short_timeout(inference, {'front'}, lambda engine: engine.voters == ['front'])
    assert label(inference.play(0.5)[-1]) == 'high'
    assert inference.set(vote=False) == ''
    inference.live = {'left_wrist', 'right_wrist', 'front'}
    inference.play(1.0)
    assert len(engine.voters) == 1
