# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The trainer node over real topics, with real training processes."""

import csv
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import time

from dcat_ros.bundles import Bundle
from dcat_ros.nodes.trainer.deployment import Deployment
from dcat_ros.nodes.trainer.process import TrainingProcess
from dcat_ros.nodes.trainer.run import exit_cause
from dcat_ros.training.fit import CHECKPOINT_PERIOD
from diagnostic_msgs.msg import DiagnosticStatus
from inference_fixture import InferenceFixture
import pytest
from tiny_bundles import write_bundle
from trainer_client import DEADLINE, is_running, training_parameters, values


@pytest.fixture(scope='module')
def short_training(tmp_path_factory):
    return training_parameters(tmp_path_factory.mktemp('short'))


def test_a_training_ends_with_a_bundle_that_the_running_node_recognises_with(
    client, short_training, context, tmp_path
):
    inference = InferenceFixture(
        context, **{'modality': 'imu', 'imu.bundle': str(write_bundle(tmp_path / 'old', 'imu'))}
    )
    inference.node.autostart()
    inference.until(lambda: inference.subscribed_to('imu'))
    client.start_node(**short_training, deploy_to='/inference')
    inference.executor.add_node(client.trainer)
    inference.executor.add_node(client.node)
    client.spin = lambda: inference.play(0.06)
    bundle = Path(short_training['output'], 'tiny')
    try:
        assert client.until_state('idle')[1] == 'ready: call ~/train'
        ok, message = client.call('train')
        assert ok and message.startswith(f'training {short_training["target"]} in process ')
        assert client.call('train') == (
            False, 'already training: call ~/cancel first, or wait'
        )
        assert client.set(budget=2.0) == (
            'budget cannot change while training: call ~/cancel first, or wait'
        )
        running, _ = client.until_state('training')
        status = client.status('training')
        assert values(status)['pid'] == running['pid'] and status.level == DiagnosticStatus.OK
        client.until(lambda: 'reading' in {values(s)['stage'][:7] for s in client.progress})
        assert int(values(client.status('training'))['memory_mb']) > 0
        done, message = client.until_state('done')
        assert message == f'{bundle} is complete, and /inference uses it'
        assert done['deployed_to'] == '/inference' and done['bundle'] == str(bundle)
        manifest = Bundle(bundle).manifest
        assert done['macro_f1'] == f'{manifest.scores["macro_f1"]:.4f}'
        assert inference.node.get_parameter('imu.bundle').value == str(bundle)
        answers = inference.play(1.0)
        assert {each.class_id for each in answers[-1].results} - {'unknown'} == (
            {'fast', 'slow', 'still'}
        )
        assert 'final model' in {values(status)['stage'] for status in client.progress}
        assert client.call('train') == (
            False,
            f'{bundle} exists already, not overwriting: set force, or another output',
        )
    finally:
        inference.close()


def test_a_killed_training_resumes_from_the_checkpoint_and_cancel_keeps_finished_parts(
    client, tmp_path, monkeypatch
):
    monkeypatch.setattr(TrainingProcess, 'GRACE', DEADLINE)
    work = tmp_path / 'out' / 'tiny.work'
    client.start_node(**training_parameters(tmp_path, seeds=2, epochs=100))
    assert client.call('train')[0]
    client.until(lambda: list(work.glob('fits/*/last.ckpt')))
    pid = int(client.until_state('training')[0]['pid'])
    os.killpg(pid, signal.SIGKILL)
    state, message = client.until_state('failed')
    assert state['pid'] == ''
    assert 'signal 9' in message and 'call ~/train again: finished parts are kept' in message
    assert client.status('failed').message == message
    client.progress.clear()
    assert client.call('train')[0]
    client.until(
        lambda: 'unimodal tiny, seed 1' in {values(s)['stage'] for s in client.progress}
    )
    (log,) = work.glob('fits/*/log/version_1/metrics.csv')
    with log.open() as rows:
        assert min(int(row['step']) for row in csv.DictReader(rows)) >= CHECKPOINT_PERIOD
    process = client.trainer.training.process
    assert client.call('cancel')[0]
    _, message = client.until_state('cancelled')
    assert message == 'cancelled; call ~/train again: finished parts are kept'
    assert process.returncode == 128 + signal.SIGTERM
    assert client.status('cancelled').level == DiagnosticStatus.WARN
    assert not is_running(process.pid)
    assert len(list(work.glob('trials/*.json'))) == 1
    assert {path.name for path in (tmp_path / 'out').iterdir()} == {'tiny.work'}
    assert client.call('cancel') == (False, 'no training runs: cancelled')
    assert client.set(budget=2.0) == ''


def test_a_program_that_ignores_sigterm_is_killed(client, tmp_path, monkeypatch):
    monkeypatch.setattr(TrainingProcess, 'GRACE', 0.0)
    client.start_node(**training_parameters(tmp_path))
    assert client.call('train')[0]
    pid = int(client.until_state('training')[0]['pid'])
    os.kill(pid, signal.SIGSTOP)
    assert client.call('cancel')[0]
    client.until_state('cancelled')
    assert not is_running(pid)


def test_a_failure_quotes_the_last_output_of_the_program():
    process = TrainingProcess(['--nonsense'])
    deadline = time.monotonic() + 60
    while process.returncode is None:
        assert process.poll() == [] and time.monotonic() < deadline
        time.sleep(0.02)
    assert process.returncode == 2
    assert process.tail[-1].startswith('train: error: ')
    assert exit_cause(process) == (
        f'the training process ended with status 2: {process.tail[-1]}; call ~/train again: '
        'finished parts are kept'
    )
    assert process.resident_memory == 0


WRONG = {
    'target': ('no such', 'no shipped recipe is named "no such"'),
    'source': (['imu_sim=much'], 'source "imu_sim=much" has a weight of "much"'),
    'pairing': ('luck', 'pairing is "luck", expected time or label'),
    'deploy_to': ('inference', 'deploy_to is "inference", expected the full name of a node'),
    'budget': (9.0, 'Parameter budget out of range'),
    'seeds': (-1, 'Parameter seeds out of range'),
}


def test_invalid_parameters_are_refused_with_the_reason(client, tmp_path):
    client.start_node()
    for name, (value, expected) in WRONG.items():
        assert expected in client.set(**{name: value})
    assert client.call('train') == (
        False, 'bags is empty: name directories of bags to train on'
    )
    assert client.set(bags=[str(tmp_path / 'none')]) == ''
    assert client.call('train') == (False, 'target is empty: name the recipe to train')
    assert client.set(target='imu_sim') == ''
    assert 'clock offset "hip=0.1" is for hip' in client.set(clock_offsets=['hip=0.1'])
    assert client.set(clock_offsets=['imu=0.1', '']) == ''
    assert client.call('train') == (
        False, f'bags has {tmp_path}/none, which is no directory: check the path'
    )
    assert client.set(bags=[str(tmp_path)], source_bags=[str(tmp_path)]) == ''
    assert client.call('train') == (
        False, 'source_bags is given, but no source: name one, or empty it'
    )
    assert client.until_state('idle')[1] == 'ready: call ~/train'


def test_an_error_of_the_training_program_is_published(client, short_training, tmp_path):
    recipe = shutil.copy(short_training['target'], tmp_path / 'gone.yaml')
    client.start_node(**short_training | {'target': str(recipe), 'output': str(tmp_path / 'out')})
    recipe.unlink()
    assert client.call('train')[0]
    _, message = client.until_state('failed')
    assert message.startswith(f'{recipe} cannot be read: ')
    assert client.status('failed').message == message


def test_a_bundle_that_cannot_be_deployed_is_kept(client, short_training, monkeypatch):
    monkeypatch.setattr(Deployment, 'DISCOVERY_TIMEOUT', 0.5)
    client.start_node(**short_training, force=True, deploy_to='/nobody')
    client.trainer.autostart()
    state, message = client.until_state('done')
    assert message == (
        f'{short_training["output"]}/tiny is complete, but not deployed: no node /nobody answers: '
        'start it'
    )
    assert state['deployed_to'] == '' and Bundle(Path(state['bundle'])).manifest.name == 'tiny'
    assert client.status('done').level == DiagnosticStatus.ERROR


def test_a_failed_autostart_is_published(client, tmp_path):
    client.start_node(bags=[str(tmp_path / 'none')], target='imu_sim')
    client.trainer.autostart()
    _, message = client.until_state('failed')
    assert message == f'bags has {tmp_path}/none, which is no directory: check the path'
    assert client.status('failed').level == DiagnosticStatus.ERROR
    assert client.set(bags=[str(tmp_path)]) == ''


@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_training_outlives_its_node(client, short_training, tmp_path, how):
    given = short_training | {'bags': f'[{short_training["bags"][0]}]', 'output': tmp_path / 'out'}
    command = [sys.executable, '-m', 'dcat_ros.nodes.trainer.node', '--ros-args']
    for name, value in given.items():
        command += ['-p', f'{name}:={value}']
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            pid = int(client.until_state('training')[0]['pid'])
            assert is_running(pid)
            process.send_signal(how)
            message, _ = process.communicate(timeout=60)
            deadline = time.monotonic() + 60
            while is_running(pid):
                assert how == signal.SIGKILL and time.monotonic() < deadline
                time.sleep(0.02)
        finally:
            process.kill()
    assert process.returncode == (-how if how == signal.SIGKILL else 0)
    assert 'Traceback' not in message
    assert not (tmp_path / 'out' / 'tiny').exists()
