# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The program `dcat train` as a process: its arguments, and how it ends when it is told to."""

import json
import signal
import subprocess
import sys

from dcat_ros.commands.train import job_of, parse
from dcat_ros.nodes.trainer.process import TrainingProcess
import pytest
from trainer_client import training_parameters

GIVEN = ['imu', '--bags', 'a', 'b', '--out', 'out']


def test_sources_come_with_weights():
    args = parse([*GIVEN, '--source', 'camera', 'runs/audio.yaml=0.5', '--source-bags', 'c'])
    assert args.source == [('camera', 1.0), ('runs/audio.yaml', 0.5)]
    assert (args.method, args.pairing, args.budget) == ('dcat', 'time', 1.0)


def test_clock_offsets_reach_target_and_sources():
    args = parse([
        *GIVEN, '--source', 'camera=0.5', 'audio', '--clock-offset', 'camera=0.12', 'imu=-0.05',
    ])
    job = job_of(args)
    assert job.recipe.recorded.clock_offset == -0.05
    offsets = [(source.recipe.recorded.clock_offset, source.weight) for source in job.sources]
    assert offsets == [(0.12, 0.5), (0.0, 1.0)]


@pytest.mark.parametrize(('arguments', 'expected'), [
    (['--source', 'camera=0'], 'source "camera=0" has a weight of "0", expected a number above 0'),
    (['--source', 'camera=x'], 'source "camera=x" has a weight of "x"'),
    (['--budget', '9'], '9 is not 0.05 to 4'),
    (['--pairing', 'luck'], "'luck'"),
    (['--source-bags', 'c'], '--source-bags needs a --source'),
])
def test_arguments_that_make_no_sense_are_refused(arguments, expected, capsys):
    with pytest.raises(SystemExit) as refused:
        parse([*GIVEN, *arguments])
    assert refused.value.code == 2
    assert expected in capsys.readouterr().err


def test_ctrl_c_ends_it_at_once_and_keeps_what_is_finished(tmp_path):
    given = training_parameters(tmp_path, seeds=50, epochs=1)
    command = [
        sys.executable, '-m', 'dcat_ros.commands.train', given['target'], '--bags',
        *given['bags'], '--out', given['output'], '--progress', 'json',
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            for line in process.stdout:
                event = json.loads(line)
                if event['event'] == 'stage' and event['title'].endswith('seed 2'):
                    break
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=TrainingProcess.GRACE)
        finally:
            process.kill()
    assert process.returncode == 128 + signal.SIGINT
    assert {path.name for path in (tmp_path / 'out').iterdir()} == {'tiny.work'}
    assert len(list((tmp_path / 'out' / 'tiny.work' / 'trials').glob('*.json'))) == 2
