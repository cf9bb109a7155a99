# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Two CPU processes share one training."""

import json
import os
import subprocess
import sys

from dcat_ros.bundles import Bundle
from imu_training_bags import three_subjects, write_config
import two_processes


def test_two_processes_share_each_batch_and_end_with_the_same_weights(tmp_path):
    three_subjects(tmp_path / 'bags')
    write_config(tmp_path / 'tiny.yaml')
    for devices in ('1', '2'):
        subprocess.run(
            [sys.executable, two_processes.__file__, str(tmp_path), devices], check=True,
            env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)},
        )
    alone, first, second = (
        json.loads((tmp_path / f'{name}.json').read_text())
        for name in ('1.first', '2.first', '2.second')
    )
    assert first['digest'] == second['digest'] != alone['digest']
    assert first['windows'] == second['windows'] == alone['windows'] / 2


def test_two_processes_train_a_bundle_that_a_source_has_taught(tmp_path):
    three_subjects(tmp_path / 'bags')
    short = {'epochs': 2, 'batch': 12}
    target = write_config(tmp_path / 'tiny.yaml', fit=short)
    source = write_config(tmp_path / 'teacher.yaml', name='teacher', fit=short)
    subprocess.run([
        sys.executable, '-m', 'dcat_ros.commands.train', target, '--source', source,
        '--bags', str(tmp_path / 'bags'), '--out', str(tmp_path / 'out'),
        '--seeds', '1', '--devices', '2',
    ], check=True)
    training = Bundle.load(str(tmp_path / 'out' / 'tiny')).manifest.training
    assert training['transfer']['sources'] == {'teacher': 1.0}
