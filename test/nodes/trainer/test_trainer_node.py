# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The trainer over real topics, with real trainings in processes of their own."""

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
from dcat_ros.nodes.trainer.run import cause
from diagnostic_msgs.msg import DiagnosticStatus
from inference_fixture import InferenceFixture
import pytest
from tiny_bundles import write_bundle
from trainer_client import Academy, course, is_running, values

CHUNK = 25  # steps from one checkpoint to the next


@pytest.fixture
def academy(context):
    each = Academy(context)
    yield each
    each.close()


@pytest.fixture(scope='module')
def lessons(tmp_path_factory):
    """Return a course that is over soon."""
    return course(tmp_path_factory.mktemp('short'))


def test_a_training_ends_with_a_bundle_that_the_running_node_recognises_with(
    academy, lessons, context, tmp_path
):
    stage = InferenceFixture(
        context, **{'modality': 'imu', 'imu.bundle': str(write_bundle(tmp_path / 'old', 'imu'))}
    )
    stage.node.autostart()
    stage.until(lambda: stage.subscribed_to('imu'))
    stage.executor.add_node(academy.open(**lessons, deploy_to='/inference').trainer)
    stage.executor.add_node(academy.node)
    academy.spin = lambda: stage.play(0.06)
    bundle = Path(lessons['output'], 'tiny')
    try:
        assert academy.until_state('idle')[1] == 'ready: call ~/train'
        ok, said = academy.call('train')
        assert ok and said.startswith(f'training {lessons["target"]} in process ')
        assert academy.call('train') == (
            False, 'already training: call ~/cancel first, or wait'
        )
        assert academy.set(budget=2.0) == (
            'budget cannot change while training: call ~/cancel first, or wait'
        )
        running, _ = academy.until_state('training')
        status = academy.status('training')
        assert values(status)['pid'] == running['pid'] and status.level == DiagnosticStatus.OK
        academy.until(lambda: 'reading' in {values(s)['stage'][:7] for s in academy.progress})
        assert int(values(academy.status('training'))['memory_mb']) > 0
        done, said = academy.until_state('done')
        assert said == f'{bundle} is whole, and /inference recognises with it'
        assert done['deployed_to'] == '/inference' and done['bundle'] == str(bundle)
        manifest = Bundle(bundle).manifest
        assert done['macro_f1'] == f'{manifest.scores["macro_f1"]:.4f}'
        assert stage.node.get_parameter('imu.bundle').value == str(bundle)
        answers = stage.play(1.0)
        assert {each.class_id for each in answers[-1].results} - {'unknown'} == (
            {'fast', 'slow', 'still'}
        )
        assert 'final model' in {values(status)['stage'] for status in academy.progress}
        assert academy.call('train') == (
            False,
            f'{bundle} exists already, not overwriting: set force, or another output',
        )
    finally:
        stage.close()


def test_after_a_kill_training_goes_on_from_the_checkpoint_and_a_cancel_keeps_what_is_finished(
    academy, tmp_path
):
    work = tmp_path / 'out' / 'tiny.work'
    academy.open(**course(tmp_path, seeds=2, epochs=100))
    assert academy.call('train')[0]
    academy.until(lambda: list(work.glob('fits/*/last.ckpt')))
    pid = int(academy.until_state('training')[0]['pid'])
    os.killpg(pid, signal.SIGKILL)
    state, said = academy.until_state('failed')
    assert state['pid'] == ''
    assert 'signal 9' in said and 'call ~/train again: finished parts are kept' in said
    assert academy.status('failed').message == said
    academy.progress.clear()
    assert academy.call('train')[0]
    academy.until(
        lambda: 'unimodal tiny, seed 1' in {values(s)['stage'] for s in academy.progress}
    )
    (log,) = work.glob('fits/*/log/version_1/metrics.csv')
    with log.open() as rows:
        assert min(int(row['step']) for row in csv.DictReader(rows)) >= CHUNK
    process = academy.trainer.training.process
    assert academy.call('cancel')[0]
    _, said = academy.until_state('cancelled')
    assert said == 'cancelled; call ~/train again: finished parts are kept'
    assert process.status == 128 + signal.SIGTERM
    assert academy.status('cancelled').level == DiagnosticStatus.WARN
    assert not is_running(process.pid)
    assert len(list(work.glob('trials/*.json'))) == 1
    assert {path.name for path in (tmp_path / 'out').iterdir()} == {'tiny.work'}
    assert academy.call('cancel') == (False, 'no training runs: cancelled')
    assert academy.set(budget=2.0) == ''


def test_a_program_that_does_not_end_when_told_is_killed(academy, tmp_path, monkeypatch):
    monkeypatch.setattr(TrainingProcess, 'GRACE', 0.0)
    academy.open(**course(tmp_path))
    assert academy.call('train')[0]
    pid = int(academy.until_state('training')[0]['pid'])
    os.kill(pid, signal.SIGSTOP)
    assert academy.call('cancel')[0]
    academy.until_state('cancelled')
    assert not is_running(pid)


def test_what_a_program_says_besides_events_is_kept_for_the_case_that_it_fails():
    process = TrainingProcess(['--nonsense'])
    deadline = time.monotonic() + 60
    while process.status is None:
        assert process.look() == [] and time.monotonic() < deadline
        time.sleep(0.02)
    assert process.status == 2
    assert process.tail[-1].startswith('train: error: ')
    assert cause(process) == (
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


def test_what_makes_no_sense_is_refused_with_the_reason(academy, tmp_path):
    academy.open()
    for name, (value, expected) in WRONG.items():
        assert expected in academy.set(**{name: value})
    assert academy.call('train') == (
        False, 'bags is empty: name directories of bags to train on'
    )
    assert academy.set(bags=[str(tmp_path / 'none')]) == ''
    assert academy.call('train') == (False, 'target is empty: name the recipe to train')
    assert academy.set(target='imu_sim') == ''
    assert academy.call('train') == (
        False, f'bags has {tmp_path}/none, which is no directory: check the path'
    )
    assert academy.set(bags=[str(tmp_path)], source_bags=[str(tmp_path)]) == ''
    assert academy.call('train') == (
        False, 'source_bags is given, but no source: name one, or empty it'
    )
    assert academy.until_state('idle')[1] == 'ready: call ~/train'


def test_what_the_training_program_refuses_is_said(academy, lessons, tmp_path):
    recipe = shutil.copy(lessons['target'], tmp_path / 'gone.yaml')
    academy.open(**lessons | {'target': str(recipe), 'output': str(tmp_path / 'out')})
    recipe.unlink()
    assert academy.call('train')[0]
    _, said = academy.until_state('failed')
    assert said.startswith(f'{recipe} cannot be read: ')
    assert academy.status('failed').message == said


def test_a_bundle_is_kept_where_it_cannot_be_deployed(academy, lessons, monkeypatch):
    monkeypatch.setattr(Deployment, 'FINDING', 0.5)
    academy.open(**lessons, force=True, deploy_to='/nobody')
    academy.trainer.autostart()
    state, said = academy.until_state('done')
    assert said == (
        f'{lessons["output"]}/tiny is whole, but not deployed: no node /nobody answers: start it'
    )
    assert state['deployed_to'] == '' and Bundle(Path(state['bundle'])).manifest.name == 'tiny'
    assert academy.status('done').level == DiagnosticStatus.ERROR


def test_an_autostart_that_cannot_be_is_said_and_can_be_repeated(academy, tmp_path):
    academy.open(bags=[str(tmp_path / 'none')], target='imu_sim')
    academy.trainer.autostart()
    _, said = academy.until_state('failed')
    assert said == f'bags has {tmp_path}/none, which is no directory: check the path'
    assert academy.status('failed').level == DiagnosticStatus.ERROR
    assert academy.set(bags=[str(tmp_path)]) == ''


@pytest.mark.parametrize('how', [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_training_outlives_its_node(academy, lessons, tmp_path, how):
    given = lessons | {'bags': f'[{lessons["bags"][0]}]', 'output': tmp_path / 'out'}
    command = [sys.executable, '-m', 'dcat_ros.nodes.trainer.node', '--ros-args']
    for name, value in given.items():
        command += ['-p', f'{name}:={value}']
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            pid = int(academy.until_state('training')[0]['pid'])
            assert is_running(pid)
            process.send_signal(how)
            said, _ = process.communicate(timeout=60)
            deadline = time.monotonic() + 60
            while is_running(pid):
                assert how == signal.SIGKILL and time.monotonic() < deadline
                time.sleep(0.02)
        finally:
            process.kill()
    assert process.returncode == (-how if how == signal.SIGKILL else 0)
    assert 'Traceback' not in said
    assert not (tmp_path / 'out' / 'tiny').exists()
