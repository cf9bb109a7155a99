# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inference node over real topics, on a clock that the test moves."""

import contextlib
import gc
from itertools import pairwise
import os
import signal
import subprocess
import sys
import weakref

from audio_common_msgs.msg import AudioDataStamped
from dcat_ros.nodes.common.qos import LATCHED
from diagnostic_msgs.msg import DiagnosticStatus
from inference_fixture import Stage, stamp
from lifecycle_msgs.msg import State
import pytest
from rclpy.qos import qos_profile_sensor_data, QoSProfile
from rclpy.serialization import serialize_message
from tiny_bundles import write_bundle
from vision_msgs.msg import Classification


@pytest.fixture(scope='session')
def bundles(tmp_path_factory):
    folder = tmp_path_factory.mktemp('bundles')
    scores = {'imu': 0.9, 'camera': 0.8, 'audio': 0.7}
    return {
        f'{name}.bundle': str(write_bundle(
            folder / name, name, scores={'macro_f1': score, 'protocol': 'none'}
        ))
        for name, score in scores.items()
    }


@pytest.fixture
def stage(context, bundles):
    stages = []

    def build(start=True, **parameters):
        stage = Stage(context, **{**bundles, **parameters})
        stages.append(stage)
        if start:
            stage.node.autostart()
        return stage

    yield build
    for stage in stages:
        stage.close()


def started(stage, *names):
    stage.until(lambda: stage.listening(*names))
    return stage


def label(message):
    return message.results[0].class_id


def frames(messages):
    return [message.header.frame_id for message in messages]


def test_one_sensor_in_activities_out(stage):
    stage = started(stage(modality='imu'), 'imu')
    answers = stage.play(2.0)
    stage.until(lambda: stage.heard['label_info'])
    assert {label(answer) for answer in answers} == {'low'}
    assert set(frames(answers)) == {'imu_frame'}
    assert [second - first for first, second in pairwise(map(stamp, answers))] == (
        [100_000_000] * (len(answers) - 1)
    )
    results = answers[-1].results
    assert [result.class_id for result in results] == ['low', 'high']
    assert results[0].score > results[1].score
    assert sum(result.score for result in results) == pytest.approx(1.0)
    info = stage.heard['label_info'][-1]
    assert [entry.class_name for entry in info.class_map] == ['low', 'high']
    assert info.threshold == pytest.approx(0.6)
    stage.levels['imu'] = 30.0
    assert label(stage.play(1.0)[-1]) == 'high'


def test_a_low_score_puts_unknown_first(stage):
    stage = started(stage(modality='imu'), 'imu')
    stage.levels['imu'] = 9.8
    answer = stage.play(1.0)[-1]
    assert label(answer) == 'unknown'
    assert len(answer.results) == 3
    assert stage.set(threshold=0.0) == ''
    assert label(stage.play(1.0)[-1]) != 'unknown'


def test_only_the_sensor_in_use_is_subscribed(stage):
    stage = started(stage(modality='camera'), 'camera')
    stage.play(1.0)
    assert stage.listening('camera')


def test_swapping_under_load_keeps_the_stamps_rising_and_the_gaps_short(stage):
    stage = started(stage(modality='imu'), 'imu')
    stage.play(1.0)
    for modality, sensor in (('camera', 'camera'), ('audio', 'audio'), ('auto', 'imu')):
        stage.play(0.5)
        assert stage.set(modality=modality) == ''
        stage.until(lambda sensor=sensor: stage.publishers[sensor].get_subscription_count())
        answers = stage.play(1.5)
        assert set(frames(answers[-3:])) == {f'{sensor}_frame'}
        stage.until(lambda sensor=sensor: stage.listening(sensor))
    stamps = [stamp(message) for message in stage.heard['activity']]
    assert all(second > first for first, second in pairwise(stamps))
    assert max(second - first for first, second in pairwise(stamps)) <= 1_000_000_000
    assert 'unknown' not in {label(message) for message in stage.heard['activity']}
    assert stage.node.engine.swaps >= 3


def test_an_audio_info_heard_once_serves_every_later_swap(stage, bundles):
    stage = started(stage(modality='imu', info_qos=QoSProfile(depth=1)), 'imu')
    stage.until(stage.info.get_subscription_count)
    stage.describe_audio()
    stage.until(lambda: stage.node._inputs.newest_infos('audio'))
    stage.others.destroy_publisher(stage.info)
    for change in {'modality': 'audio'}, {'audio__bundle': bundles['audio.bundle']}:
        assert stage.set(**change) == ''
        stage.until(lambda: stage.listening('audio') or stage.listening('audio', 'imu'))
        answers = stage.play(1.5)
        assert set(frames(answers[-3:])) == {'audio_frame'}
    stamps = [stamp(message) for message in stage.heard['activity']]
    assert max(second - first for first, second in pairwise(stamps)) <= 1_000_000_000
    assert 'unknown' not in {label(message) for message in stage.heard['activity']}


@pytest.fixture
def without_collector():
    """Free only what nothing refers to: a cycle would hold a model until the collector comes."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_swap_frees_the_old_model_and_takes_the_new(stage, tmp_path, without_collector):
    stage = started(stage(modality='imu'), 'imu')
    stage.play(1.0)
    gone = weakref.ref(stage.node.engine.active_source.bundle)
    other = write_bundle(tmp_path / 'other', 'imu', classes=('still', 'moving'))
    assert stage.set(imu__bundle=str(other)) == ''
    assert label(stage.play(1.0)[-1]) == 'still'
    stage.until(lambda: gone() is None)
    stage.until(
        lambda: stage.heard['label_info'][-1].class_map[0].class_name == 'still'
    )


def test_a_bad_change_is_refused_with_the_reason_and_nothing_changes(stage, bundles):
    stage = started(stage(modality='imu'), 'imu')
    stage.play(1.0)
    active = stage.node.engine.active_source
    for change, words in (
        ({'modality': 'radar'}, 'modality is "radar"'),
        ({'imu__bundle': 'nothing'}, 'no shipped bundle is named "nothing"'),
        ({'imu__bundle': bundles['camera.bundle']}, 'is for camera'),
        ({'camera__bundle': bundles['audio.bundle']}, 'is for audio'),
        ({'imu__bundle': ''}, 'no bundle for imu: set imu.bundle'),
        ({'priority': ['imu', 'imu']}, 'each once'),
        ({'smoothing': 2.0}, 'range'),
        ({'audio__sample_format': 'U8'}, 'audio.sample_format is "U8"'),
    ):
        assert words in stage.set(**change)
    assert stage.node.engine.active_source is active
    assert stage.node.get_parameter('imu.bundle').value == bundles['imu.bundle']
    assert label(stage.play(0.5)[-1]) == 'low'


def test_a_silent_sensor_says_unknown_once_and_why(stage):
    stage = started(stage(modality='imu', stale_timeout=1.0), 'imu')
    stage.play(1.0)
    before = len(stage.heard['activity'])
    stage.until(lambda: len(stage.heard['activity']) > before and (
        label(stage.heard['activity'][-1]) == 'unknown'
    ))
    unknown = stage.heard['activity'][-1]
    assert [result.class_id for result in unknown.results] == ['unknown']
    status = stage.status('activity')
    assert status.level == DiagnosticStatus.WARN
    assert 'no usable sample' in status.message
    assert stage.heard['activity'][-1] is unknown


def test_diagnostics_tell_what_is_missing_and_what_was_left_out(stage):
    stage = stage(modality='imu')
    stage.others.destroy_publisher(stage.publishers['imu'])
    stage.until(lambda: 'waiting for imu: 0 publishers on /imu/data' in (
        stage.status('imu').message
    ))


def test_diagnostics_of_a_running_sensor(stage):
    stage = started(stage(modality='imu'), 'imu')
    stage.play(1.0)
    stage.publishers['imu'].publish(stage._message('imu'))
    stage.until(lambda: stage.node.engine.active_source.drops['repeated'])
    status = stage.status('imu')
    values = {pair.key: pair.value for pair in status.values}
    assert status.level == DiagnosticStatus.OK
    assert values['rate_hz'] == '50.0'
    assert int(values['dropped: repeated']) >= 1
    values = {pair.key: pair.value for pair in stage.status('activity').values}
    assert values['modality'] == 'imu'
    assert float(values['latency_worst_ms']) >= 0.0


def test_bytes_that_are_no_message_are_counted_and_never_end_the_stream(stage):
    stage = started(stage(modality='imu'), 'imu')
    stage.play(1.0)
    stage.tick()
    whole = serialize_message(stage._message('imu'))
    source = stage.node.engine.active_source
    stage.publishers['imu'].publish(whole[:40])
    stage.until(lambda: source.drops['malformed'])
    values = {pair.key: pair.value for pair in stage.status('imu').values}
    assert values['dropped: malformed'] == '1'
    assert '40 bytes are no Imu message' in values['last_error']
    assert label(stage.play(1.0)[-1]) == 'low'


def test_a_bundle_made_of_simulations_is_said_to_be_one(stage, tmp_path):
    scores = {'macro_f1': 1.0, 'protocol': 'none', 'simulated': True}
    bundle = write_bundle(tmp_path / 'toy', 'imu', scores=scores)
    stage = started(stage(**{'imu.bundle': str(bundle)}, modality='imu'), 'imu')
    stage.play(1.0)
    status = stage.status('activity')
    assert status.level == DiagnosticStatus.WARN
    assert 'imu bundle toy was made of simulated persons' in status.message


def test_a_topic_of_another_type_is_named(stage):
    stage = stage(start=False, modality='imu')
    stage.others.destroy_publisher(stage.publishers['imu'])
    stage.others.create_publisher(type(stage._message('camera')), 'imu/data', 1)
    stage.node.autostart()
    stage.until(lambda: 'carries sensor_msgs/msg/Image' in stage.status('imu').message)


def test_a_subscriber_that_cannot_match_is_reported(stage):
    stage = started(stage(modality='imu'), 'imu')
    stage.others.create_subscription(
        Classification, '/inference/activity', lambda message: None, LATCHED
    )
    stage.until(lambda: 'do not match in QoS' in stage.status('activity').message)
    assert stage.status('activity').level == DiagnosticStatus.WARN


def test_a_reliable_publisher_that_turns_best_effort_is_followed(stage):
    stage = started(stage(modality='audio'), 'audio')
    stage.play(0.2)
    stage.others.destroy_publisher(stage.publishers['audio'])
    stage.publishers['audio'] = stage.others.create_publisher(
        AudioDataStamped, 'audio/audio_stamped', qos_profile_sensor_data
    )
    started(stage, 'audio')
    assert set(frames(stage.play(1.0))) == {'audio_frame'}
    assert stage.status('audio').level == DiagnosticStatus.OK


def test_a_bag_that_loops_is_followed_back(stage):
    stage = started(stage(modality='imu'), 'imu')
    first = stage.play(1.0)
    stage.now -= 30 * 10**9
    again = stage.play(1.5)
    assert {label(answer) for answer in again} == {'low'}
    if stamp(again[0]) > stamp(first[-1]):  # was under way when the clock went back
        del again[0]
    assert max(map(stamp, again)) < min(map(stamp, first))
    values = {pair.key: pair.value for pair in stage.status('imu').values}
    assert values['dropped: clock jump'] == '1'


def test_lifecycle_from_start_to_end_and_again(stage, without_collector):
    stage = stage(start=False, modality='imu')
    node = stage.node
    for _ in range(2):
        assert node.trigger_configure().name == 'SUCCESS'
        assert stage.listening()
        assert node.trigger_activate().name == 'SUCCESS'
        started(stage, 'imu')
        assert label(stage.play(1.0)[-1]) == 'low'
        gone = weakref.ref(node.engine.active_source.bundle)
        assert node.trigger_deactivate().name == 'SUCCESS'
        stage.until(stage.listening)
        assert 'lifecycle set /inference activate' in stage.status('activity').message
        assert node.trigger_cleanup().name == 'SUCCESS'
        assert 'lifecycle set /inference configure' in stage.status('activity').message
        stage.until(lambda gone=gone: gone() is None)
    assert node._state_machine.current_state[0] == State.PRIMARY_STATE_UNCONFIGURED


def test_a_mended_parameter_ends_the_error_of_a_failed_configuration(stage, bundles):
    stage = stage(start=False, **{'imu.bundle': './gone'}, modality='imu')
    assert stage.node.trigger_configure().name == 'FAILURE'
    status = stage.status('activity')
    assert (status.level, 'is no directory' in status.message) == (DiagnosticStatus.ERROR, True)
    assert stage.set(imu__bundle=bundles['imu.bundle']) == ''
    assert stage.status('activity').level == DiagnosticStatus.WARN
    assert stage.node.trigger_configure().name == 'SUCCESS'


def run_node(*parameters):
    command = [sys.executable, '-m', 'dcat_ros.nodes.inference.node', '--ros-args']
    for parameter in parameters:
        command += ['-p', parameter]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
    )


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_cleanly(bundles, number):
    process = run_node(f'imu.bundle:={bundles["imu.bundle"]}', 'modality:=imu',
                       'stale_timeout:=0.2')
    for line in process.stdout:
        if 'unknown' in line:
            assert 'waiting for imu: 0 publishers on /imu/data' in line
            break
    while process.poll() is None:
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
    rest = process.communicate()[0]
    assert process.returncode == 0, rest
    assert 'Traceback' not in rest


def test_a_bundle_that_is_not_there_ends_the_program_with_one_sentence():
    process = run_node('imu.bundle:=./gone', 'modality:=imu')
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert 'bundle "./gone" is no directory' in output
    assert 'Traceback' not in output


def test_ros_arguments_that_cannot_be_end_the_program_with_one_sentence():
    command = [sys.executable, '-m', 'dcat_ros.nodes.inference.node']
    refused = subprocess.run(
        [*command, '--ros-args', '--params-file', 'gone.yaml'], capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith('error: ')
    assert 'gone.yaml' in refused.stderr
    assert 'Traceback' not in refused.stderr


@pytest.mark.parametrize('value', ['stride:=-4.0', 'stride:=fast', 'priority:=imu'])
def test_a_parameter_that_cannot_be_ends_the_program_with_one_sentence(value):
    process = run_node(value)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert f'error: parameter {value.split(":")[0]}' in output
    assert 'Traceback' not in output


@pytest.mark.parametrize(
    ('name', 'module'), [('inference', 'inference.node'), ('simulate', 'simulate')]
)
def test_help_is_given_and_a_stray_argument_refused(name, module):
    command = [sys.executable, '-m', f'dcat_ros.nodes.{module}']
    told = subprocess.run([*command, '--help'], capture_output=True, text=True)
    assert told.returncode == 0
    assert f'config/{name}.yaml' in told.stdout.replace('\n', '')
    refused = subprocess.run([*command, '--modality', 'imu'], capture_output=True, text=True)
    assert refused.returncode == 2
    assert 'unrecognized arguments' in refused.stderr
