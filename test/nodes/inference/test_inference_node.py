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
from dcat_ros.bundles import Bundle
from dcat_ros.nodes.common.qos import LATCHED
from dcat_ros.sensors import Sensor
from dcat_ros.share import defaults
from diagnostic_msgs.msg import DiagnosticStatus
from inference_fixture import InferenceFixture, stamp
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
def start_node(context, bundles):
    """Return a function that starts the node and waits until it subscribes to some sensors."""
    fixtures = []

    def start(*sensors, autostart=True, **parameters):
        inference = InferenceFixture(context, **{**bundles, **parameters})
        fixtures.append(inference)
        if autostart:
            inference.node.autostart()
        if sensors:
            inference.until(lambda: inference.subscribed_to(*sensors))
        return inference

    yield start
    for inference in fixtures:
        inference.close()


def label(message):
    return message.results[0].class_id


def frames(messages):
    return [message.header.frame_id for message in messages]


def test_messages_of_one_sensor_become_activities(start_node):
    inference = start_node('imu', modality='imu')
    answers = inference.play(2.0)
    inference.until(lambda: inference.received['label_info'])
    assert {label(answer) for answer in answers} == {'low'}
    assert set(frames(answers)) == {'imu_frame'}
    assert [second - first for first, second in pairwise(map(stamp, answers))] == (
        [100_000_000] * (len(answers) - 1)
    )
    results = answers[-1].results
    assert [result.class_id for result in results] == ['low', 'high']
    assert results[0].score > results[1].score
    assert sum(result.score for result in results) == pytest.approx(1.0)
    info = inference.received['label_info'][-1]
    assert [entry.class_name for entry in info.class_map] == ['low', 'high']
    assert info.threshold == pytest.approx(0.6)
    inference.levels['imu'] = 30.0
    assert label(inference.play(1.0)[-1]) == 'high'


def test_a_low_score_puts_unknown_first(start_node):
    inference = start_node('imu', modality='imu')
    inference.levels['imu'] = 9.8
    answer = inference.play(1.0)[-1]
    assert label(answer) == 'unknown'
    assert len(answer.results) == 3
    assert inference.set(threshold=0.0) == ''
    assert label(inference.play(1.0)[-1]) != 'unknown'


def test_only_the_sensor_in_use_is_subscribed(start_node):
    inference = start_node('camera', modality='camera')
    inference.play(1.0)
    assert inference.subscribed_to('camera')


def test_swapping_under_load_keeps_the_stamps_rising_and_the_gaps_short(start_node):
    inference = start_node('imu', modality='imu')
    inference.play(1.0)
    for modality, sensor in (('camera', 'camera'), ('audio', 'audio'), ('auto', 'imu')):
        inference.play(0.5)
        assert inference.set(modality=modality) == ''
        inference.until(inference.publishers[sensor].get_subscription_count)
        answers = inference.play(1.5)
        assert set(frames(answers[-3:])) == {f'{sensor}_frame'}
        inference.until(lambda sensor=sensor: inference.subscribed_to(sensor))
    stamps = [stamp(message) for message in inference.received['activity']]
    assert all(second > first for first, second in pairwise(stamps))
    assert max(second - first for first, second in pairwise(stamps)) <= 1_000_000_000
    assert 'unknown' not in {label(message) for message in inference.received['activity']}
    assert inference.node.engine.swaps >= 3


def test_an_audio_info_received_once_serves_every_later_swap(start_node, bundles):
    inference = start_node('imu', modality='imu', info_qos=QoSProfile(depth=1))
    inference.until(inference.audio_info.get_subscription_count)
    inference.publish_audio_info()
    inference.until(lambda: inference.node._inputs.newest_infos(Sensor('audio')))
    inference.sensor_node.destroy_publisher(inference.audio_info)
    for change in {'modality': 'audio'}, {'audio__bundle': bundles['audio.bundle']}:
        assert inference.set(**change) == ''
        inference.until(
            lambda: inference.subscribed_to('audio') or inference.subscribed_to('audio', 'imu')
        )
        answers = inference.play(1.5)
        assert set(frames(answers[-3:])) == {'audio_frame'}
    stamps = [stamp(message) for message in inference.received['activity']]
    assert max(second - first for first, second in pairwise(stamps)) <= 1_000_000_000
    assert 'unknown' not in {label(message) for message in inference.received['activity']}


@pytest.fixture
def without_collector():
    """Free only what nothing refers to: a cycle would hold a model until the collector comes."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_swap_frees_the_old_model_and_takes_the_new(start_node, tmp_path, without_collector):
    inference = start_node('imu', modality='imu')
    inference.play(1.0)
    gone = weakref.ref(inference.node.engine.active_source.bundle)
    other = write_bundle(tmp_path / 'other', 'imu', classes=('still', 'moving'))
    assert inference.set(imu__bundle=str(other)) == ''
    assert label(inference.play(1.0)[-1]) == 'still'
    inference.until(lambda: gone() is None)
    inference.until(
        lambda: inference.received['label_info'][-1].class_map[0].class_name == 'still'
    )


def test_a_bad_change_is_refused_with_the_reason_and_nothing_changes(start_node, bundles):
    inference = start_node('imu', modality='imu')
    inference.play(1.0)
    active = inference.node.engine.active_source
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
        assert words in inference.set(**change)
    assert inference.node.engine.active_source is active
    assert inference.node.get_parameter('imu.bundle').value == bundles['imu.bundle']
    assert label(inference.play(0.5)[-1]) == 'low'


def test_a_silent_sensor_gives_unknown_once_with_the_reason(start_node):
    inference = start_node('imu', modality='imu', stale_timeout=1.0)
    inference.play(1.0)
    before = len(inference.received['activity'])
    inference.until(lambda: len(inference.received['activity']) > before and (
        label(inference.received['activity'][-1]) == 'unknown'
    ))
    unknown = inference.received['activity'][-1]
    assert [result.class_id for result in unknown.results] == ['unknown']
    status = inference.status('activity')
    assert status.level == DiagnosticStatus.WARN
    assert 'no usable sample' in status.message
    assert inference.received['activity'][-1] is unknown


def test_diagnostics_name_a_missing_publisher(start_node):
    inference = start_node(modality='imu')
    inference.sensor_node.destroy_publisher(inference.publishers['imu'])
    inference.until(lambda: 'waiting for imu: 0 publishers on /imu/data' in (
        inference.status('imu').message
    ))


def test_diagnostics_of_a_running_sensor(start_node):
    inference = start_node('imu', modality='imu')
    inference.play(1.0)
    inference.publishers['imu'].publish(inference.message('imu'))
    inference.until(lambda: inference.node.engine.active_source.drops['repeated'])
    status = inference.status('imu')
    values = {pair.key: pair.value for pair in status.values}
    assert status.level == DiagnosticStatus.OK
    assert values['rate_hz'] == '50.0'
    assert int(values['dropped: repeated']) >= 1
    values = {pair.key: pair.value for pair in inference.status('activity').values}
    assert values['modality'] == 'imu'
    assert float(values['latency_worst_ms']) >= 0.0


def test_bytes_that_are_no_message_are_counted_and_never_end_the_stream(start_node):
    inference = start_node('imu', modality='imu')
    inference.play(1.0)
    inference.tick()
    whole = serialize_message(inference.message('imu'))
    source = inference.node.engine.active_source
    inference.publishers['imu'].publish(whole[:40])
    inference.until(lambda: source.drops['malformed'])
    values = {pair.key: pair.value for pair in inference.status('imu').values}
    assert values['dropped: malformed'] == '1'
    assert '40 bytes are no Imu message' in values['last_error']
    assert label(inference.play(1.0)[-1]) == 'low'


def test_a_bundle_of_simulated_persons_is_reported(start_node, tmp_path):
    scores = {'macro_f1': 1.0, 'protocol': 'none', 'simulated': True}
    bundle = write_bundle(tmp_path / 'toy', 'imu', scores=scores)
    inference = start_node('imu', **{'imu.bundle': str(bundle)}, modality='imu')
    inference.play(1.0)
    status = inference.status('activity')
    assert status.level == DiagnosticStatus.WARN
    assert 'imu bundle toy was made of simulated persons' in status.message


def test_no_default_bundle_was_made_of_simulated_persons():
    values = defaults('inference')
    bundles = [values[f'{name}.bundle'] for name in ('imu', 'camera', 'audio')]
    assert bundles == [*filter(None, bundles), '']
    assert not any(Bundle.load(bundle).manifest.simulated for bundle in bundles if bundle)


def test_a_sensor_without_bundle_is_not_used_and_the_node_says_how_to_give_it_one(
    start_node, bundles
):
    inference = start_node('imu', 'camera', modality='auto', **{'audio.bundle': ''})
    assert inference.node.get_parameter('modality').value == 'auto'
    status = inference.status('audio')
    assert status.level == DiagnosticStatus.OK
    assert status.message == (
        'not used, since there is no bundle for audio: set audio.bundle to one that was trained '
        'on recordings (launch argument bundle, or audio_bundle of infer.launch.py)'
    )
    assert 'no bundle for audio: set audio.bundle' in inference.set(modality='audio')
    inference.play(1.0)
    assert inference.node.engine.active_source.name == 'imu'
    assert inference.set(audio__bundle=bundles['audio.bundle'], modality='audio') == ''
    inference.until(lambda: set(frames(inference.play(0.5)[-1:])) == {'audio_frame'})
    assert 'not used' not in inference.status('audio').message


def test_a_topic_of_another_type_is_named(start_node):
    inference = start_node(autostart=False, modality='imu')
    inference.sensor_node.destroy_publisher(inference.publishers['imu'])
    inference.sensor_node.create_publisher(type(inference.message('camera')), 'imu/data', 1)
    inference.node.autostart()
    inference.until(lambda: 'carries sensor_msgs/msg/Image' in inference.status('imu').message)


def test_a_subscriber_that_cannot_match_is_reported(start_node):
    inference = start_node('imu', modality='imu')
    inference.sensor_node.create_subscription(
        Classification, '/inference/activity', lambda message: None, LATCHED
    )
    inference.until(lambda: 'do not match in QoS' in inference.status('activity').message)
    assert inference.status('activity').level == DiagnosticStatus.WARN


def test_a_reliable_publisher_that_turns_best_effort_is_followed(start_node):
    inference = start_node('audio', modality='audio')
    inference.play(0.2)
    inference.sensor_node.destroy_publisher(inference.publishers['audio'])
    inference.publishers['audio'] = inference.sensor_node.create_publisher(
        AudioDataStamped, 'audio/audio_stamped', qos_profile_sensor_data
    )
    inference.until(lambda: inference.subscribed_to('audio'))
    assert set(frames(inference.play(1.0))) == {'audio_frame'}
    assert inference.status('audio').level == DiagnosticStatus.OK


def test_a_bag_that_loops_is_followed_back(start_node):
    inference = start_node('imu', modality='imu')
    first = inference.play(1.0)
    inference.now -= 30 * 10**9
    again = inference.play(1.5)
    assert {label(answer) for answer in again} == {'low'}
    if stamp(again[0]) > stamp(first[-1]):  # was under way when the clock went back
        del again[0]
    assert max(map(stamp, again)) < min(map(stamp, first))
    values = {pair.key: pair.value for pair in inference.status('imu').values}
    assert values['dropped: clock jump'] == '1'


def test_lifecycle_from_start_to_end_and_again(start_node, without_collector):
    inference = start_node(autostart=False, modality='imu')
    node = inference.node
    for _ in range(2):
        assert node.trigger_configure().name == 'SUCCESS'
        assert inference.subscribed_to()
        assert node.trigger_activate().name == 'SUCCESS'
        inference.until(lambda: inference.subscribed_to('imu'))
        assert label(inference.play(1.0)[-1]) == 'low'
        gone = weakref.ref(node.engine.active_source.bundle)
        assert node.trigger_deactivate().name == 'SUCCESS'
        inference.until(inference.subscribed_to)
        assert 'lifecycle set /inference activate' in inference.status('activity').message
        assert node.trigger_cleanup().name == 'SUCCESS'
        assert 'lifecycle set /inference configure' in inference.status('activity').message
        inference.until(lambda gone=gone: gone() is None)
    assert node._state_machine.current_state[0] == State.PRIMARY_STATE_UNCONFIGURED


def test_a_corrected_parameter_ends_the_error_of_a_failed_configuration(start_node, bundles):
    inference = start_node(autostart=False, **{'imu.bundle': './gone'}, modality='imu')
    assert inference.node.trigger_configure().name == 'FAILURE'
    status = inference.status('activity')
    assert (status.level, 'is no directory' in status.message) == (DiagnosticStatus.ERROR, True)
    assert inference.set(imu__bundle=bundles['imu.bundle']) == ''
    assert inference.status('activity').level == DiagnosticStatus.WARN
    assert inference.node.trigger_configure().name == 'SUCCESS'


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


def test_a_microphone_without_bundle_ends_the_program_with_the_remedy():
    process = run_node('modality:=audio')
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert 'there is no bundle for audio: set audio.bundle' in output
    assert 'launch argument bundle' in output
    assert 'Traceback' not in output


def test_the_log_names_a_sensor_without_bundle(bundles):
    process = run_node(f'imu.bundle:={bundles["imu.bundle"]}', 'modality:=imu')
    for line in process.stdout:
        if 'audio is not used, since there is no bundle for audio: set audio.bundle' in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_invalid_ros_arguments_end_the_program_with_one_sentence():
    command = [sys.executable, '-m', 'dcat_ros.nodes.inference.node']
    refused = subprocess.run(
        [*command, '--ros-args', '--params-file', 'gone.yaml'], capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith('error: ')
    assert 'gone.yaml' in refused.stderr
    assert 'Traceback' not in refused.stderr


@pytest.mark.parametrize('value', ['stride:=-4.0', 'stride:=fast', 'priority:=imu'])
def test_an_invalid_parameter_ends_the_program_with_one_sentence(value):
    process = run_node(value)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert f'error: parameter {value.split(":")[0]}' in output
    assert 'Traceback' not in output


@pytest.mark.parametrize(
    ('name', 'module'), [('inference', 'inference.node'), ('simulate', 'simulate')]
)
def test_help_is_printed_and_an_unknown_argument_refused(name, module):
    command = [sys.executable, '-m', f'dcat_ros.nodes.{module}']
    shown = subprocess.run([*command, '--help'], capture_output=True, text=True)
    assert shown.returncode == 0
    assert f'config/{name}.yaml' in shown.stdout.replace('\n', '')
    refused = subprocess.run([*command, '--modality', 'imu'], capture_output=True, text=True)
    assert refused.returncode == 2
    assert 'unrecognized arguments' in refused.stderr
